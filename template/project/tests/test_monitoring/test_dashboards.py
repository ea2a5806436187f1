"""The dashboards: they ask for series that exist, draw the limits, and lead to runbooks and Temporal."""

import json
import re
from itertools import combinations
from typing import Any

import pytest

from tests.test_monitoring.test_rules import METRICS, MONITORING, RECORDED, series

DASHBOARDS: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_text("utf-8"))
    for file in sorted((MONITORING / "grafana" / "dashboards").glob("*.json"))
}
PANELS = {
    f"{name}: {panel['title']}": panel
    for name, dashboard in DASHBOARDS.items()
    for panel in dashboard["panels"]
    if panel["type"] != "row"
}
VARIABLES = {"$__rate_interval": "5m", "$namespace": "default", "$task_queue": "queue"}
KNOWN = {"ALERTS", *RECORDED, *METRICS["at_start"], *METRICS["after_work"], *METRICS["after_event"]}

# What the checklist asks to see, and a series that shows it.
SHOWN = {
    "M1": ["temporal:workflow_task_start_seconds:p99", "temporal:activity_start_seconds:p99"],
    "M2": ["temporal:workflows_failed:ratio5m", "temporal:workflows_completed:increase5m"],
    "M3": ["temporal:activities_failed:ratio5m", "temporal:activity_seconds:p99"],
    "M4": ["temporal:history_length:max1h"],
    "M5": ["temporal:cpu:ratio5m", "temporal:memory:ratio"],
    "M6": ["temporal:continued_as_new:increase1h"],
}

NOT_DRAWN = {f"temporal:limit:{name}" for name in ("misses", "restarts", "slow_burn")}


def asked(panel: dict[str, Any]) -> set[str]:
    """The names of the series that a panel shows."""
    names: set[str] = set()
    for target in panel["targets"]:
        expression = target["expr"]
        for variable, value in VARIABLES.items():
            expression = expression.replace(variable, value)
        names |= series(expression)
    return names


@pytest.mark.parametrize("title", PANELS)
def test_a_panel_shows_what_there_is(title: str) -> None:
    panel = PANELS[title]
    unknown = asked(panel) - KNOWN

    assert not unknown, "→ a name of metrics.yml, or of a rule that records it"
    assert panel["description"], "→ a sentence that says what to make of it"
    assert panel["datasource"]["uid"] == "${datasource}"
    references = [target["refId"] for target in panel["targets"]]
    assert len(set(references)) == len(references)


@pytest.mark.parametrize("item", SHOWN)
def test_what_the_checklist_asks_for_is_shown(item: str) -> None:
    shown = set.union(*map(asked, PANELS.values()))
    missing = [name for name in SHOWN[item] if name not in shown]

    assert not missing, f"{item}: no panel shows {missing[0]} → in grafana/dashboards"


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_panel_has_a_place_of_its_own(name: str) -> None:
    panels = DASHBOARDS[name]["panels"]
    overlapping = [
        f"{one['title']} and {other['title']}"
        for one, other in combinations(panels, 2)
        if all(
            one["gridPos"][at] < other["gridPos"][at] + other["gridPos"][size]
            and other["gridPos"][at] < one["gridPos"][at] + one["gridPos"][size]
            for at, size in (("x", "w"), ("y", "h"))
        )
    ]

    assert not overlapping
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)


def test_limits_are_drawn() -> None:
    limits = {name for name in RECORDED if name.startswith("temporal:limit:")}
    drawn = set.union(*map(asked, PANELS.values()))
    missing = sorted(limits - drawn - NOT_DRAWN)

    assert not missing, f"{missing} → a line in the panel that shows what it limits"


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_leads_to_temporal_and_the_runbooks(name: str) -> None:
    dashboard = DASHBOARDS[name]
    urls = " ".join(link["url"] for link in dashboard["links"])
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard))) - {"__rate_interval", "__value"}

    assert "${temporal_ui}/namespaces/${namespace}/workflows" in urls
    assert "${runbooks}" in urls
    assert used <= variables
    assert len({each["uid"] for each in DASHBOARDS.values()}) == len(DASHBOARDS)
