"""A pod can do no more than its work and reaches no more than it needs; no secret is in git."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.test_deploy.manifests import Manifest, Overlay, policy, selects

RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
HOST = {"hostIPC", "hostNetwork", "hostPID"}
SECRET = re.compile(r"(KEY|TOKEN|PASSWORD|SECRET|AUTHORIZATION|_DATA|_HEADERS)$")
PASSWORD = re.compile(r"://[^/@]+:[^/@]+@")
DNS = 53
SCHEMES = {"http": 80, "https": 443}


@policy
def test_pods_are_restricted(overlay: Overlay) -> Iterator[str]:
    for namespace in overlay.of("Namespace"):
        label = "pod-security.kubernetes.io/enforce"
        if namespace.labels.get(label) != "restricted":
            yield f"{namespace}: {label} is {namespace.labels.get(label)} → restricted"
    for workload in overlay.workloads:
        for name in HOST & workload.pod.keys():
            yield f"{workload}: {name} takes it out of its pod → remove it"
        of_pod = workload.pod.get("securityContext", {})
        for container in workload.containers:
            context = of_pod | container.get("securityContext", {})
            for name, value in RESTRICTED.items():
                if context.get(name) != value:
                    yield f"{workload}: {name} of {container['name']} is {context.get(name)} → {value}"
            if context.get("runAsUser") == 0:
                yield f"{workload}: {container['name']} runs as root → remove runAsUser"


def ends_before(container: dict[str, Any], workload: Manifest) -> bool:
    """Whether a container of a workload ends before the others start."""
    first = workload.pod.get("initContainers", [])
    return container in first and container.get("restartPolicy") != "Always"


@policy
def test_a_pod_is_one_process_without_rights_in_the_cluster(overlay: Overlay) -> Iterator[str]:
    accounts = {account.name: account for account in overlay.of("ServiceAccount")}
    for workload in overlay.workloads:
        name = workload.pod.get("serviceAccountName", "default")
        if name != workload.name or name not in accounts:
            yield f"{workload}: RK4 its ServiceAccount is {name} → one of its own"
        elif workload.pod.get("automountServiceAccountToken", True):
            yield f"{workload}: it gets a token of the cluster → components: ../hardening"
        if workload.pod.get("enableServiceLinks", True):
            yield f"{workload}: Services set its variables → enableServiceLinks: false"
        processes = [c for c in workload.containers if not ends_before(c, workload)]
        if (count := len(processes)) != 1:
            yield f"{workload}: D2 {count} containers in a pod → a workload for each"


@policy
def test_secrets_are_only_referred_to(overlay: Overlay) -> Iterator[str]:
    for secret in overlay.of("Secret"):
        yield f"{secret}: a secret in git → create it in the cluster, and refer to it"
    for workload in overlay.workloads:
        for name, value in overlay.environment(workload).items():
            if (SECRET.search(name) and value) or PASSWORD.search(value):
                yield f"{workload}: {name} is a secret in git → a file or key of a Secret"


def ports(rule: dict[str, Any]) -> set[int | str]:
    """The ports that a rule names; none if it opens others as well."""
    opened = rule.get("ports", [])
    if any("endPort" in port or "port" not in port for port in opened):
        return set()
    return {port["port"] for port in opened}


def policies(overlay: Overlay, workload: Manifest) -> list[Manifest]:
    """The network policies for the pods of a workload."""
    return [
        each
        for each in overlay.of("NetworkPolicy")
        if selects(each.spec["podSelector"].get("matchLabels", {}), workload.pod_labels)
    ]


@policy
def test_the_network_is_closed_but_for_named_ports(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        own = policies(overlay, workload)
        closed = {kind for each in own for kind in each.spec.get("policyTypes", [])}
        for kind in {"Ingress", "Egress"} - closed:
            yield f"{workload}: no NetworkPolicy closes {kind} → base/namespace/network-policy.yaml"
        for each in own:
            for rule in [*each.spec.get("egress", []), *each.spec.get("ingress", [])]:
                if not ports(rule):
                    yield f"{each}: a rule without ports opens them all → name them"
            if any(not rule.get("from") for rule in each.spec.get("ingress", [])):
                yield f"{each}: a rule without `from` lets everybody in → name who"


@policy
def test_a_pod_reaches_what_its_settings_name(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        opened: set[int | str] = set()
        for each in policies(overlay, workload):
            opened.update(*map(ports, each.spec.get("egress", [])))
        variables = overlay.environment(workload)
        needed: dict[str, int | None] = {"DNS": DNS}
        needed["TEMPORAL_ADDRESS"] = int(variables["TEMPORAL_ADDRESS"].rpartition(":")[2])
        for name, value in variables.items():
            url = urlsplit(value)
            # The ConfigMap of the API is that of the workers.
            if url.scheme in SCHEMES and (name != "SERVICES_URL" or workload in overlay.workers):
                needed[name] = url.port or SCHEMES[url.scheme]
        for name, port in needed.items():
            if port not in opened:
                yield f"{workload}: no NetworkPolicy lets it out to port {port} of {name}"
