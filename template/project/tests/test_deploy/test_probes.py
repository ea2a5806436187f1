"""Probes ask for health where it is told, often enough and with patience."""

from collections.abc import Iterator
from typing import NamedTuple

from tests.test_deploy.overlays import COMPONENT, PORTS, Overlay
from tests.test_deploy.policies import policy


class Probe(NamedTuple):
    """What a probe asks for, and within how many seconds it may judge."""

    path: str
    least: int
    most: int


PROBES = {
    "startupProbe": Probe("/livez", 60, 600),
    "livenessProbe": Probe("/livez", 20, 120),
    "readinessProbe": Probe("/readyz", 5, 60),
}
FIELDS = {
    *("failureThreshold", "httpGet", "initialDelaySeconds"),
    *("periodSeconds", "successThreshold", "timeoutSeconds"),
}


@policy
def test_probes_ask_for_health(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        port = PORTS[workload.labels[COMPONENT]]
        for name, wanted in PROBES.items():
            probe = workload.container.get(name, {})
            request = probe.get("httpGet", {})
            expected = {"path": wanted.path, "port": port, "scheme": "HTTP"}
            if port not in workload.ports or {"scheme": "HTTP"} | request != expected:
                asked = " ".join(map(str, request.values())) or None
                yield (
                    f"{workload}: D4 {name} asks {asked} → httpGet {wanted.path} of port {port}, which the "
                    "container has"
                )
            for field in probe.keys() - FIELDS:
                yield f"{workload}: D4 {name} has {field} → remove it"


@policy
def test_probes_have_patience(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        for name, wanted in PROBES.items():
            probe = workload.container.get(name, {})
            period = probe.get("periodSeconds", 10)
            patience = period * probe.get("failureThreshold", 3)
            late = probe.get("initialDelaySeconds", 0) + period * probe.get("successThreshold", 1)
            if patience < wanted.least or max(patience, late) > wanted.most:
                yield (
                    f"{workload}: D4 {name} judges after {patience} s, or {late} s → within {wanted.least} to "
                    f"{wanted.most} s, by periodSeconds and failureThreshold"
                )
