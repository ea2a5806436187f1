"""Writes the Grafana dashboards of the projects: `make dashboards`.

They are made by Grafana's own builders. In a project they are plain JSON, to be changed in Grafana.
"""

from pathlib import Path
from typing import Protocol, Self

from grafana_foundation_sdk.builders import dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders.common import (
    ReduceDataOptions,
    VizLegendOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
    VariableRefresh,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

FOLDER = Path(__file__).parents[1] / "template/project/deploy/monitoring/grafana/dashboards"

DATASOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
NAMESPACE = 'namespace="$namespace"'
QUEUE = f'{NAMESPACE}, task_queue="$task_queue"'

# Filled in when a project is rendered.
REPOSITORY = (
    "{{ ('https://github.com/' ~ github_user if github_user else 'https://git.example.com')"
    " ~ '/' ~ project_slug }}"
)

Query = tuple[str, str]
"""What is asked for, and what it is called in the legend."""


class Panel(Protocol):
    """What the panels of all kinds have in common."""

    def with_target(self, target: prometheus.Dataquery) -> Self:
        """Add a query."""


def ask(panel: Panel, *queries: Query, instant: bool = False) -> None:
    """Give a panel its queries; `instant` ones tell how it is now."""
    for letter, (expression, legend) in zip("ABCDEFG", queries, strict=False):
        query = prometheus.Dataquery().expr(expression).legend_format(legend).ref_id(letter)
        if instant:
            query.instant().format(
                PromQueryFormat.TABLE if not legend else PromQueryFormat.TIME_SERIES
            )
        panel.with_target(query)


def graph(title: str, why: str, unit: str, *queries: Query, limit: str = "") -> timeseries.Panel:
    """Lines over time; the limit, a series, is a dashed red one."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(why)
        .datasource(DATASOURCE)
        .unit(unit)
        .min(0)
        .span(8)
        .height(8)
        .fill_opacity(8)
        .show_points(common.VisibilityMode.NEVER)
        .legend(
            VizLegendOptions()
            .display_mode(common.LegendDisplayMode.LIST)
            .placement(common.LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(
            VizTooltipOptions()
            .mode(common.TooltipDisplayMode.MULTI)
            .sort(common.SortOrder.DESCENDING)
        )
    )
    ask(panel, *queries, *([(limit, "limit")] if limit else []))
    if limit:
        dashed = {
            "color": {"mode": "fixed", "fixedColor": "red"},
            "custom.lineStyle": {"fill": "dash", "dash": [8, 8]},
            "custom.fillOpacity": 0,
        }
        panel.override_by_name(
            "limit", [DynamicConfigValue(id_val=id_, value=value) for id_, value in dashed.items()]
        )
    return panel


def number(
    title: str, why: str, unit: str, *queries: Query, red: float, lower_is_worse: bool = False
) -> stat.Panel:
    """How it is now, red from a value on, or below it."""
    colors = ("red", "green") if lower_is_worse else ("green", "red")
    panel = (
        stat.Panel()
        .title(title)
        .description(why)
        .datasource(DATASOURCE)
        .unit(unit)
        .span(4)
        .height(4)
        .color_mode(common.BigValueColorMode.VALUE)
        .graph_mode(common.BigValueGraphMode.NONE)
        .reduce_options(ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(
            dashboard.ThresholdsConfig()
            .mode(ThresholdsMode.ABSOLUTE)
            .steps([Threshold(value=None, color=colors[0]), Threshold(value=red, color=colors[1])])
        )
    )
    ask(panel, *queries, instant=True)
    return panel


def firing(matchers: str) -> table.Panel:
    """The alerts that fire, each with its runbook."""
    panel = (
        table.Panel()
        .title("Alerts that fire")
        .description("A click on a name opens its runbook.")
        .datasource(DATASOURCE)
        .span(24)
        .height(6)
        .no_value("None")
        .show_header(True)
        .with_transformation(
            DataTransformerConfig(
                id_val="organize",
                options={
                    "includeByName": dict.fromkeys(
                        (
                            "alertname",
                            "severity",
                            "task_queue",
                            "workflow_type",
                            "activity_type",
                            "instance",
                        ),
                        True,
                    ),
                    "indexByName": {"severity": 0, "alertname": 1, "task_queue": 2},
                },
            )
        )
        .with_transformation(  # "critical" comes before "warning"
            DataTransformerConfig(id_val="sortBy", options={"sort": [{"field": "severity"}]})
        )
        .override_by_name(
            "alertname",
            [
                DynamicConfigValue(
                    id_val="links",
                    value=[
                        {
                            "title": "Runbook",
                            "url": "${runbooks}/${__value.text}.md",
                            "targetBlank": True,
                        }
                    ],
                )
            ],
        )
    )
    ask(panel, (f'ALERTS{{alertstate="firing", {matchers}}}', ""), instant=True)
    return panel


def board(title: str, uid: str, about: str) -> dashboard.Dashboard:
    """A dashboard with what both have: variables and links."""
    return (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(about)
        .tags(["temporal"])
        .time("now-3h", "now")
        .refresh("30s")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .timezone("browser")
        .with_variable(
            dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus")
        )
        .with_variable(
            dashboard.QueryVariable("namespace")
            .label("Namespace")
            .datasource(DATASOURCE)
            .query("label_values(temporal_num_pollers, namespace)")
            .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        )
    )


def with_links(made: dashboard.Dashboard, workflows: str) -> dashboard.Dashboard:
    """The variables and links that come last; `workflows` is a query of Temporal's UI."""
    return (
        made.with_variable(
            dashboard.TextBoxVariable("temporal_ui")
            .label("Temporal UI")
            .default_value("http://localhost:8233")
        )
        .with_variable(
            dashboard.TextBoxVariable("runbooks")
            .label("Runbooks")
            .default_value(f"{REPOSITORY}/blob/main/docs/runbooks")
        )
        .link(
            dashboard.DashboardLink("Temporal UI")
            .type(DashboardLinkType.LINK)
            .icon("external link")
            .url(f"${{temporal_ui}}/namespaces/${{namespace}}/workflows{workflows}")
            .target_blank(True)
        )
        .link(
            dashboard.DashboardLink("Runbooks")
            .type(DashboardLinkType.LINK)
            .icon("doc")
            .url("${runbooks}")
            .target_blank(True)
        )
        .link(
            dashboard.DashboardLink("Temporal dashboards")
            .type(DashboardLinkType.DASHBOARDS)
            .tags(["temporal"])
            .as_dropdown(True)
            .include_vars(True)
            .keep_time(True)
        )
    )


def success(matchers: str, objective: str) -> str:
    """The share of what met an objective within six hours."""
    sums = [
        f"sum(sum_over_time(temporal:objective_{each}:increase5m"
        f'{{objective="{objective}", {matchers}}}[6h]))'
        for each in ("missed", "all")
    ]
    return f"1 - {sums[0]} / ({sums[1]} > 0)"


def overview() -> dashboard.Dashboard:
    """All task queues of a namespace."""
    made = board(
        "Temporal: overview",
        "temporal-overview",
        "Whether the workers of a namespace keep up, queue by queue; dashed lines are where alerts begin.",
    )
    with_links(made, "")
    numbers = [
        number("Alerts", "That fire now.", "none",
               (f'count(ALERTS{{alertstate="firing", {NAMESPACE}}}) or vector(0)', "firing"), red=1),
        number("Queues without pollers", "Nobody takes their tasks.", "none",
               (f"count(temporal:pollers{{{NAMESPACE}}} == 0) or vector(0)", "queues"), red=1),
        number("Workers", "That answer to Prometheus.", "none",
               (f"count(worker_build_info{{{NAMESPACE}}})", "workers"), red=2, lower_is_worse=True),
        number("Succeeded, 6 h", "Of the workflows that ended by themselves.", "percentunit",
               (success(NAMESPACE, "success"), "now"), red=0.99, lower_is_worse=True),
        number("Started in time, 6 h", "Of the workflow tasks; in time is what the objective says.", "percentunit",
               (success(NAMESPACE, "start"), "now"), red=0.99, lower_is_worse=True),
        number("Longest history, 1 h", "Events of a run that ended.", "none",
               (f"max(temporal:history_length:max1h{{{NAMESPACE}}})", "events"), red=8000),
    ]  # fmt: skip
    for panel in (*numbers, firing(NAMESPACE)):
        made.with_panel(panel)
    made.with_row(dashboard.Row("Do tasks wait?"))
    for each in (
        graph("Workflow tasks, from schedule to start", "p99. Over a second and rising: more workers or slots.", "s",
              (f"temporal:workflow_task_start_seconds:p99{{{NAMESPACE}}}", "{{task_queue}}"),
              limit="temporal:limit:workflow_task_start_seconds"),
        graph("Activities, from schedule to start", "p99. Over a second and rising: more workers or slots.", "s",
              (f"temporal:activity_start_seconds:p99{{{NAMESPACE}}}", "{{task_queue}}"),
              limit="temporal:limit:activity_start_seconds"),
        graph("Free slots", "Zero for long: what comes has to wait.", "none",
              (f"temporal:slots_free{{{NAMESPACE}, worker_type=~\"WorkflowWorker|ActivityWorker\"}}",
               "{{task_queue}} {{worker_type}}")),
    ):  # fmt: skip
        made.with_panel(each)
    made.with_row(dashboard.Row("Does the work succeed?"))
    for each in (
        graph("Workflows that ended, in 5 minutes", "Completed or failed.", "none",
              (f"sum by (task_queue) (temporal:workflows_ended:increase5m{{{NAMESPACE}}})", "{{task_queue}}")),
        graph("Workflows that failed", "Of those that ended. Benign failures do not count.", "percentunit",
              (f"temporal:workflows_failed:ratio5m{{{NAMESPACE}}}", "{{workflow_type}}"),
              limit="temporal:limit:workflows_failed"),
        graph("Attempts of activities that failed", "They are repeated: workflows become late before they fail.", "percentunit",
              (f"temporal:activities_failed:ratio5m{{{NAMESPACE}}}", "{{activity_type}}"),
              limit="temporal:limit:activities_failed"),
    ):  # fmt: skip
        made.with_panel(each)
    made.with_row(dashboard.Row("Do the workers last?"))
    for each in (
        graph("CPU", "Of what a worker may use. Over 80 %: fewer slots or more workers.", "percentunit",
              (f"max by (task_queue) (temporal:cpu:ratio5m{{{NAMESPACE}}})", "{{task_queue}}"),
              limit="temporal:limit:cpu"),
        graph("Memory", "Of what a worker may use. Over 80 %: a smaller cache.", "percentunit",
              (f"max by (task_queue) (temporal:memory:ratio{{{NAMESPACE}}})", "{{task_queue}}"),
              limit="temporal:limit:memory"),
        graph("Budget of the objectives", "How many times faster than allowed it is used up, over an hour.", "none",
              (f"temporal:objective_burn:1h{{{NAMESPACE}}}", "{{task_queue}} {{objective}}"),
              limit="temporal:limit:fast_burn"),
    ):  # fmt: skip
        made.with_panel(each)
    return made


def worker() -> dashboard.Dashboard:
    """The workers of one task queue."""
    made = board(
        "Temporal: workers of a queue",
        "temporal-worker",
        "One task queue, from the task that waits to the process that works; dashed lines are where alerts begin.",
    ).with_variable(
        dashboard.QueryVariable("task_queue")
        .label("Task queue")
        .datasource(DATASOURCE)
        .query(f"label_values(temporal_num_pollers{{{NAMESPACE}}}, task_queue)")
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    )
    with_links(made, "?query=TaskQueue%3D%22${task_queue}%22")
    made.with_panel(firing(QUEUE))

    def quantiles(metric: str, by: str = "") -> list[Query]:
        return [
            (
                f"histogram_quantile({share}, sum by ({by}le) "
                f"(rate({metric}_seconds_bucket{{{QUEUE}}}[$__rate_interval])))",
                f"{'{{' + by.strip(', ') + '}} ' if by else ''}{name}",
            )
            for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
        ]

    rows = {
        "Do tasks wait?": [
            graph("Workflow tasks, from schedule to start", "Under 100 ms and steady is fine; over a second and rising: more workers or slots.", "s",
                  *quantiles("temporal_workflow_task_schedule_to_start_latency"),
                  limit="temporal:limit:workflow_task_start_seconds"),
            graph("Activities, from schedule to start", "Under 100 ms and steady is fine; over a second and rising: more workers or slots.", "s",
                  *quantiles("temporal_activity_schedule_to_start_latency"),
                  limit="temporal:limit:activity_start_seconds"),
            graph("Slots in use", "Of all workers. The limit is MAX_CONCURRENT_*.", "none",
                  (f"sum by (worker_type) (temporal_worker_task_slots_used{{{QUEUE}}})", "{{worker_type}}"),
                  (f"sum by (worker_type) (temporal:slots_free{{{QUEUE}}})", "{{worker_type}} free")),
            graph("Polls that wait", "None: nobody takes tasks.", "none",
                  (f"temporal:pollers{{{QUEUE}}}", "{{poller_type}}")),
            graph("Tasks begun in a second", "What the workers get done.", "ops",
                  (f"sum(rate(temporal_workflow_task_schedule_to_start_latency_seconds_count{{{QUEUE}}}[$__rate_interval]))", "workflow tasks"),
                  (f"sum by (activity_type) (rate(temporal_activity_execution_latency_seconds_count{{{QUEUE}}}[$__rate_interval]))", "{{activity_type}}")),
            graph("Calls that the server puts off", "RESOURCE_EXHAUSTED, in 5 minutes: a limit of the namespace.", "none",
                  (f"temporal:resource_exhausted:increase5m{{{QUEUE}}}", "calls"),
                  limit="temporal:limit:resource_exhausted"),
        ],
        "Do workflows succeed?": [
            graph("Workflows that ended, in 5 minutes", "Completed or failed; benign failures are neither.", "none",
                  (f"temporal:workflows_completed:increase5m{{{QUEUE}}}", "{{workflow_type}} completed"),
                  (f"temporal:workflows_failed:increase5m{{{QUEUE}}}", "{{workflow_type}} failed")),
            graph("From start to end", "Of completed workflows, with all that they wait for.", "s",
                  *quantiles("temporal_workflow_endtoend_latency", "workflow_type, ")),
            graph("Workflow tasks that failed, in 15 minutes", "The workflow stands still until its code is repaired.", "none",
                  (f"temporal:workflow_task_failures:increase15m{{{QUEUE}}}", "{{workflow_type}} {{failure_reason}}"),
                  limit="temporal:limit:workflow_task_failures"),
            graph("Length of histories", "Longest run that ended within the hour. The server ends a run at 50,000 events.", "none",
                  (f"temporal:history_length:max1h{{{QUEUE}}}", "{{workflow_type}}"),
                  limit="temporal:limit:history_length"),
            graph("Runs that continued as new, in an hour", "Zero where it was not: a history may grow without end.", "none",
                  (f"temporal:continued_as_new:increase1h{{{QUEUE}}}", "{{workflow_type}}")),
            graph("Tasks whose workflow was not in memory", "Its history is replayed first.", "percentunit",
                  (f"temporal:cache_misses:ratio5m{{{QUEUE}}}", "missed"),
                  limit="temporal:limit:cache_misses"),
        ],
        "Do activities, and the services behind them?": [
            graph("Duration of attempts", "p99 of each activity.", "s",
                  (f"temporal:activity_seconds:p99{{{QUEUE}}}", "{{activity_type}}"),
                  limit="temporal:limit:activity_seconds"),
            graph("Attempts that failed", "They are repeated, as their retry policy says.", "percentunit",
                  (f"temporal:activities_failed:ratio5m{{{QUEUE}}}", "{{activity_type}}"),
                  limit="temporal:limit:activities_failed"),
            graph("Open circuits", "1: the service is left alone until one call succeeds.", "none",
                  (f"temporal:circuit_open{{{QUEUE}}}", "{{circuit}}")),
        ],
        "Do the workers last?": [
            graph("CPU", "Of what a worker may use. Over 80 %: fewer slots or more workers.", "percentunit",
                  (f"temporal:cpu:ratio5m{{{QUEUE}}}", "{{instance}}"), limit="temporal:limit:cpu"),
            graph("Memory", "Of what a worker may use. Over 80 %: a smaller cache.", "percentunit",
                  (f"temporal:memory:ratio{{{QUEUE}}}", "{{instance}}"), limit="temporal:limit:memory"),
            graph("Versions", "Workers by version and build id: two while a release is on its way.", "none",
                  (f"count by (version, build_id) (worker_build_info{{{QUEUE}}})", "{{version}} {{build_id}}")),
        ],
    }  # fmt: skip
    for title, panels in rows.items():
        made.with_row(dashboard.Row(title))
        for panel in panels:
            made.with_panel(panel)
    return made


def dashboards() -> dict[Path, str]:
    """The files with what belongs into them, as templates."""
    files = {}
    for name, made in (("overview", overview()), ("worker", worker())):
        built = made.build()
        for id_, panel in enumerate(built.panels or [], start=1):
            panel.id_val = id_
        text = JSONEncoder(indent=2, sort_keys=True).encode(built)
        before, after = text.split(REPOSITORY)
        files[FOLDER / f"{name}.json.jinja"] = (
            f"{{% raw %}}{before}{{% endraw %}}{REPOSITORY}{{% raw %}}{after}\n{{% endraw %}}\n"
        )
    return files


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file, text in dashboards().items():
        file.write_text(text, "utf-8")
