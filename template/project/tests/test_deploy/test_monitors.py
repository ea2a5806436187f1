"""The metrics of every worker are collected as alerts and autoscalers expect them."""

from collections.abc import Iterator
from typing import Any

from tests.test_deploy.manifests import Manifest
from tests.test_deploy.overlays import Overlay
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
def test_alerts_reach_the_cluster(overlay: Overlay) -> Iterator[str]:
    names = [
        group["name"] for rule in overlay.of("PrometheusRule") for group in rule.spec["groups"]
    ]
    for missing in {"temporal-alerts", "temporal-limits", "temporal-series"} - set(names):
        yield f"{overlay.name}/PrometheusRule/{missing}: M7 is not there → base/namespace"
