"""Pods reach no more than they need, and are reached by no more; no secret is in git."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.test_deploy.manifests import Manifest
from tests.test_deploy.overlays import COMPONENT, PORTS, UNKNOWN, Overlay
from tests.test_deploy.policies import policy
from tests.test_deploy.selectors import opens, selects

SECRET = re.compile(r"(KEYS?|TOKEN|PASSWORD|SECRET|AUTHORIZATION|CREDENTIALS?|DSN|_DATA|_HEADERS)$")
FILE = re.compile(r"_(FILE|PATH)$")
PASSWORD = re.compile(r"://[^/@]+:[^/@]+@")
SCHEMES = {"http": 80, "https": 443}
WIDE = 1_000
"""The most ports that a range may have."""
NETWORK = 8
"""The bits of an address that the widest network has in common, such as 10.0.0.0/8."""


@policy
def test_secrets_are_only_referred_to(overlay: Overlay) -> Iterator[str]:
    for secret in overlay.of("Secret"):
        yield f"{secret}: a secret in git → create it in the cluster, and refer to it"
    for workload in overlay.workloads:
        for name, value in overlay.environment(workload).items():
            if (SECRET.search(name) and value not in ("", UNKNOWN)) or PASSWORD.search(value):
                yield f"{workload}: {name} is a secret in git → a file or key of a Secret"
            file = FILE.search(name) and SECRET.search(FILE.sub("", name))
            if file and workload.volume_of(value) == "configMap":
                yield f"{workload}: the file of {name} is in a ConfigMap → a volume of a Secret"


@policy
def test_nobody_poses_as_the_server(overlay: Overlay) -> Iterator[str]:
    name = "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION"
    for workload in overlay.clients if overlay.production else ():
        if (value := overlay.environment(workload).get(name, "false")) not in ("false", "0"):
            yield f"{workload}: {name} is {value} → remove it; TEMPORAL_TLS_SERVER_CA_CERT_PATH"


def policies(overlay: Overlay, workload: Manifest) -> list[Manifest]:
    """The network policies for the pods of a workload."""
    found = overlay.of("NetworkPolicy")
    return [each for each in found if selects(each.spec["podSelector"], workload.pod_labels)]


def inside(peer: dict[str, Any]) -> bool:
    """Whether one side of a rule is in this namespace."""
    return peer.keys() == {"podSelector"}


def everybody(peer: dict[str, Any]) -> bool:
    """Whether one side of a rule is the whole cluster, or much of the internet."""
    if block := peer.get("ipBlock"):
        return int(block["cidr"].rpartition("/")[2]) < NETWORK
    return not inside(peer) and not any(any((each or {}).values()) for each in peer.values())


def is_wide(rule: dict[str, Any], side: str) -> bool:
    """Whether a rule opens more ports than it names, to others than pods of this namespace."""
    peers = rule.get(side, [])
    ranges = [each for each in rule.get("ports") or [{}] if "endPort" in each or "port" not in each]
    if peers and all(map(inside, peers)):
        return False
    return any("port" not in p or p.get("endPort", 0) > WIDE + int(p["port"]) for p in ranges)


@policy
def test_the_network_is_closed_but_for_named_ports(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        own = policies(overlay, workload)
        closed = {kind for each in own for kind in each.spec.get("policyTypes", [])}
        for kind in {"Ingress", "Egress"} - closed:
            yield f"{workload}: no NetworkPolicy closes {kind} → base/namespace/network-policy.yaml"
    for each in overlay.of("NetworkPolicy"):
        for kind, side in (("egress", "to"), ("ingress", "from")):
            if any(is_wide(rule, side) for rule in each.spec.get(kind, [])):
                yield f"{each}: a rule of {kind} opens all ports, or too many → name them"
        for rule in each.spec.get("ingress", []):
            if any(map(everybody, rule.get("from") or [{}])):
                yield f"{each}: a rule of ingress lets everybody in → name who, by labels in `from`"


def needs(overlay: Overlay, workload: Manifest) -> Iterator[tuple[str, int, str]]:
    """What a pod goes out to: what it is called, its port and protocol."""
    yield "DNS", 53, "TCP"
    yield "DNS", 53, "UDP"
    variables = overlay.environment(workload)
    _, colon, port = variables.get("TEMPORAL_ADDRESS", "").rpartition(":")
    if colon and port.isdecimal():
        yield "TEMPORAL_ADDRESS", int(port), "TCP"
    for name, value in variables.items():
        if name.endswith("_ORIGIN"):
            continue  # where others come from
        url = urlsplit(value)
        # The ConfigMap of the API is that of the workers.
        if url.scheme in SCHEMES and (name != "SERVICES_URL" or workload in overlay.workers):
            yield name, url.port or SCHEMES[url.scheme], "TCP"


@policy
def test_a_pod_reaches_what_its_settings_name(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        rules = [r for each in policies(overlay, workload) for r in each.spec.get("egress", [])]
        for name, port, protocol in needs(overlay, workload):
            if not any(opens(rule, port, protocol, {}) for rule in rules):
                yield (
                    f"{workload}: no NetworkPolicy lets it out to port {port} of {name} by {protocol} → "
                    "base/namespace/network-policy.yaml"
                )


@policy
def test_a_pod_is_reached_where_it_is_asked(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        port = PORTS[workload.labels[COMPONENT]]
        rules = [r for each in policies(overlay, workload) for r in each.spec.get("ingress", [])]
        if not any(opens(rule, port, "TCP", workload.ports) for rule in rules):
            yield f"{workload}: RK6 no NetworkPolicy lets anybody in to port {port} → a rule of ingress"
