"""Where the histograms of the metrics are divided."""

SECONDS: list[float] = [0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60]
BUCKETS: dict[str, list[float]] = {
    "workflow_task_schedule_to_start_latency": SECONDS,
    "activity_schedule_to_start_latency": SECONDS,
    "activity_execution_latency": [*SECONDS, 300, 1_800],
    "workflow_endtoend_latency": [*SECONDS, 300, 1_800, 3_600, 86_400, 604_800],
    "workflow_history_length": [10, 50, 100, 500, 1_000, 5_000, 8_000, 10_000, 50_000],
}
"""The bounds between which values are counted: what an alert compares with has to be one of them."""
