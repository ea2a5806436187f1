"""The metrics of every worker are collected as alerts and autoscalers expect them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from tests.test_deploy.manifests import KUBERNETES, Manifest
from tests.test_deploy.overlays import Loader, Overlay
from tests.test_deploy.policies import policy
from tests.test_deploy.selectors import seconds, selects

# Of an endpoint, what decides which metrics there are; where a default will do, it is among the values.
ENDPOINT: dict[str, tuple[Any, ...]] = {
    "honorLabels": (True,),  # `namespace` stays that of Temporal
    "metricRelabelings": (None, []),  # nothing is dropped
    "path": (None, "/metrics"),
    "port": ("health",),
    "scheme": (None, "http", "HTTP"),
}
RELABELING = {
    "sourceLabels": ["__meta_kubernetes_namespace"],
    "targetLabel": "kubernetes_namespace",
}
INTERVAL = 60

JOB = "workers"
"""What rules call the job of the workers: a monitor gives it its own name."""

GROUPS: list[dict[str, Any]] = [
    group
    for file in sorted(KUBERNETES.parent.glob("monitoring/rules/*.yml"))
    for group in yaml.load(file.read_text("utf-8"), Loader)["groups"]
]


def text(group: dict[str, Any]) -> str:
    """A group of rules, without the empty lines that kubectl adds to texts."""
    return re.sub(r"(\\n)+", " ", json.dumps(group, sort_keys=True))


def sees(monitor: Manifest, worker: Manifest) -> bool:
    """Whether a monitor is for the pods of a worker."""
    where = monitor.spec.get("namespaceSelector", {})
    namespace = worker["metadata"].get("namespace")
    here = where.get("any") or namespace in where.get("matchNames", [namespace])
    return bool(here) and selects(monitor.spec["selector"], worker.pod_labels)


def endpoints(overlay: Overlay, worker: Manifest) -> list[tuple[Manifest, dict[str, Any]]]:
    """What is read of a worker, and by which monitor."""
    monitors = [each for each in overlay.of("PodMonitor") if sees(each, worker)]
    return [(each, found) for each in monitors for found in each.spec["podMetricsEndpoints"]]


@policy
def test_metrics_of_every_worker_are_collected(overlay: Overlay) -> Iterator[str]:
    for worker in overlay.workers:
        found = endpoints(overlay, worker)
        if not any(endpoint["port"] in worker.ports for _, endpoint in found):
            yield f"{worker}: RK6 no PodMonitor reads /metrics of port `health` → base/namespace"


@policy
def test_metrics_are_collected_as_they_are(overlay: Overlay) -> Iterator[str]:
    for worker in overlay.workers:
        for monitor, endpoint in endpoints(overlay, worker):
            for field, values in ENDPOINT.items():
                if (value := endpoint.get(field)) not in values:
                    yield f"{monitor}: RK6 {field} is {value} → {values[-1]}"
            relabelings = endpoint.get("relabelings", [])
            if RELABELING not in relabelings:
                yield f"{monitor}: RK6 its metrics have no kubernetes_namespace → {RELABELING}"
            for each in relabelings:
                if each.get("action", "replace").lower() in {"drop", "keep"}:
                    yield f"{monitor}: RK6 it leaves out pods → no relabeling with {each['action']}"
            if seconds(endpoint.get("interval", "30s")) > INTERVAL:
                yield f"{monitor}: RK6 it reads every {endpoint['interval']} → {INTERVAL}s at most"


@policy
def test_a_monitor_hides_no_worker_from_alerts(overlay: Overlay) -> Iterator[str]:
    for monitor in overlay.of("PodMonitor"):
        if not any(sees(monitor, worker) for worker in overlay.workers):
            continue
        if monitor.name != JOB:
            yield f"{monitor}: RK6 its name is that of the job, which rules call {JOB} → {JOB}"
        for field in monitor.spec:
            if field == "jobLabel" or field.endswith("Limit"):
                yield f"{monitor}: RK6 {field} hides workers from alerts → remove it"


@policy
def test_alerts_reach_the_cluster(overlay: Overlay) -> Iterator[str]:
    rules = overlay.of("PrometheusRule")
    found = {group["name"]: group for rule in rules for group in rule.spec["groups"]}
    for group in GROUPS:
        place = f"{overlay.name}/PrometheusRule/{group['name']}"
        if group["name"] not in found:
            yield f"{place}: M7 is not there → base/namespace"
        elif overlay.production and text(found[group["name"]]) != text(group):
            yield f"{place}: M7 is not as deploy/monitoring/rules has it → `make rules`, and no patch"
