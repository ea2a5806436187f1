"""What a step showed: from the driver, from the metrics of the workers, from the operating system."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.load.driver import Arrival

WAITING_LIMIT = 0.1
"""Seconds that 99 % of the tasks may wait for a worker. A bucket ends there, so it is exact."""

ENOUGH = 0.9
"""The share of what is offered that has to be done, or the workers fall behind."""

KINDS = {"WorkflowWorker": "workflow tasks", "ActivityWorker": "activities"}


@dataclass(frozen=True)
class Percentiles:
    """Seconds; None if there was nothing to measure."""

    p50: float | None
    p95: float | None
    p99: float | None

    @classmethod
    def of(cls, seconds: Iterable[float]) -> "Percentiles":
        """Exact ones: each is a value that was seen."""
        ordered = sorted(seconds)
        if not ordered:
            return cls(None, None, None)
        return cls(*(ordered[math.ceil(q * len(ordered)) - 1] for q in (0.5, 0.95, 0.99)))

    @classmethod
    def between(cls, first: Mapping[float, float], last: Mapping[float, float]) -> "Percentiles":
        """Those of what came between two readings of a histogram."""
        buckets = {bound: count - first.get(bound, 0) for bound, count in last.items()}
        return cls(*(quantile(buckets, q) for q in (0.5, 0.95, 0.99)))


def quantile(buckets: Mapping[float, float], q: float) -> float | None:
    """By interpolation within a bucket, as Prometheus does it; at most the last finite bound."""
    rank = q * buckets.get(math.inf, 0)
    lower, below = 0.0, 0.0
    for bound, count in sorted(buckets.items()):
        if count >= rank > 0:
            share = (rank - below) / (count - below)
            return lower if bound == math.inf else lower + (bound - lower) * share
        lower, below = bound, count
    return None


class Metrics:
    """What a worker said at a moment."""

    def __init__(self, text: str) -> None:
        ours = (line for line in text.splitlines() if line.startswith("temporal_"))
        families = text_string_to_metric_families("\n".join(ours) + "\n")
        self.samples: list[Sample] = [sample for family in families for sample in family.samples]

    def total(self, name: str, **labels: str) -> int:
        """The sum of all series of this name and these labels."""
        return int(
            sum(
                sample.value
                for sample in self.samples
                if sample.name == f"temporal_{name}" and labels.items() <= sample.labels.items()
            )
        )


def histogram(workers: Iterable[Metrics], name: str) -> Counter[float]:
    """The cumulative counts of a histogram by upper bound, of all workers together."""
    counts: Counter[float] = Counter()
    for sample in (sample for worker in workers for sample in worker.samples):
        if sample.name == f"temporal_{name}_bucket":
            counts[float(sample.labels["le"])] += int(sample.value)
    return counts


@dataclass(frozen=True)
class Reading:
    """The state of everything at a moment."""

    at: float
    workers: Sequence[Metrics]
    cpu: Mapping[str, float]
    """Seconds of CPU that each program took so far."""
    memory: Mapping[str, int]
    machine: float
    """The share of the machine's CPU that was in use since the reading before."""
    services: float
    """Seconds that the services took for an answer."""


@dataclass(frozen=True)
class Slots:
    """How many slots the busiest worker used; it has no limit where its tuner decides."""

    used: int
    limit: int | None

    @classmethod
    def of(cls, kind: str, readings: Sequence[Reading]) -> "Slots":
        """The most that was seen of a kind of task."""
        seen = (
            (
                worker.total("worker_task_slots_used", worker_type=kind),
                worker.total("worker_task_slots_available", worker_type=kind),
            )
            for reading in readings
            for worker in reading.workers
        )
        used, available = max(seen)
        tuned = not any(
            sample.name == "temporal_worker_task_slots_available"
            for sample in readings[0].workers[0].samples
        )
        return cls(used, None if tuned else used + available)


@dataclass(frozen=True)
class Step:
    """Some seconds at one rate. Times are in seconds, CPU in cores, memory in bytes."""

    offered: float
    achieved: float
    completed: int
    failures: Mapping[str, int]
    """How many workflows failed or did not finish, by reason."""
    end_to_end: Percentiles
    workflow_task_wait: Percentiles
    activity_wait: Percentiles
    lateness: Percentiles
    cpu: Mapping[str, float]
    memory: Mapping[str, int]
    machine: float
    services: float
    slots: Mapping[str, Slots]
    cached: int
    cache_misses: int
    evicted: int
    refused: int
    """Calls of the workers that were too many for the server."""

    @property
    def keeps_up(self) -> bool:
        """Whether the workers did what was asked of them."""
        return self.achieved >= ENOUGH * self.offered

    @property
    def holds(self) -> bool:
        """Whether they did it without a failure, and hardly a task waited for longer than allowed."""
        return not self.lacks

    @property
    def lacks(self) -> list[str]:
        """What keeps it from that; activities may not have been measured, for there may be none."""
        waits = {
            "workflow tasks waited": self.workflow_task_wait.p99,
            "activities waited": self.activity_wait.p99,
            "the driver was late": self.lateness.p99,
        }
        late = [what for what, wait in waits.items() if (wait or 0) > WAITING_LIMIT]
        if self.workflow_task_wait.p99 is None:
            late.append("no workflow task was seen")
        done = [] if self.keeps_up else ["too few were done"]
        return done + (["some failed"] if self.failures else []) + late

    @property
    def worker_cpu(self) -> float:
        """The cores that the busiest worker took."""
        return max(cores for name, cores in self.cpu.items() if "worker" in name)

    @property
    def worker_memory(self) -> int:
        """The bytes of the largest worker."""
        return max(size for name, size in self.memory.items() if "worker" in name)


def summarize(
    arrivals: Sequence[Arrival], begin: float, seconds: float, readings: Sequence[Reading]
) -> Step:
    """What was measured from `begin` on, for so long; before that, the system warmed up."""
    measured = [arrival for arrival in arrivals if arrival.meant >= begin]
    done = [a for a in arrivals if begin <= a.ended < begin + seconds and a.error is None]
    first, last = readings[0], readings[-1]

    def waited(name: str) -> Percentiles:
        return Percentiles.between(histogram(first.workers, name), histogram(last.workers, name))

    def more(name: str, **labels: str) -> int:
        before, after = (sum(w.total(name, **labels) for w in r.workers) for r in (first, last))
        return after - before

    return Step(
        offered=len(measured) / seconds,
        achieved=len(done) / seconds,
        completed=sum(arrival.error is None for arrival in measured),
        failures=dict(Counter(arrival.error for arrival in measured if arrival.error)),
        end_to_end=Percentiles.of(arrival.latency for arrival in measured),
        workflow_task_wait=waited("workflow_task_schedule_to_start_latency_seconds"),
        activity_wait=waited("activity_schedule_to_start_latency_seconds"),
        lateness=Percentiles.of(arrival.lateness for arrival in measured),
        cpu={
            name: (used - first.cpu[name]) / (last.at - first.at) for name, used in last.cpu.items()
        },
        memory={name: max(r.memory[name] for r in readings) for name in last.memory},
        machine=sum(reading.machine for reading in readings[1:]) / (len(readings) - 1),
        services=sorted(reading.services for reading in readings)[len(readings) // 2],
        slots={named: Slots.of(kind, readings) for kind, named in KINDS.items()},
        cached=max(sum(w.total("sticky_cache_size") for w in r.workers) for r in readings),
        cache_misses=more("sticky_cache_miss_total"),
        evicted=more("sticky_cache_total_forced_eviction_total"),
        refused=more("request_failure_total", status_code="RESOURCE_EXHAUSTED"),
    )
