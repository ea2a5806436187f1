"""A pod is one process that can do no more than its work."""

from collections.abc import Iterator
from typing import Any

from tests.test_deploy.manifests import Manifest
from tests.test_deploy.overlays import Overlay
from tests.test_deploy.policies import policy

# What the profile `restricted` of Kubernetes asks of every container, and what it leaves open.
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
OPEN: dict[str, Any] = {
    "appArmorProfile": {"type": "RuntimeDefault"},
    "privileged": False,
    "procMount": "Default",
    "readOnlyRootFilesystem": True,
}
IDS = {"fsGroup", "runAsGroup", "runAsUser"}
FREE = {"fsGroupChangePolicy", "supplementalGroups", "supplementalGroupsPolicy"}
HOST = {"hostIPC", "hostNetwork", "hostPID"}
VOLUMES = {
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral"),
    *("name", "persistentVolumeClaim", "projected", "secret"),
}


def faults(container: dict[str, Any], of_pod: dict[str, Any]) -> Iterator[str]:
    """What a container may that it should not."""
    name, own = container["name"], container.get("securityContext", {})
    for field, value in {**dict.fromkeys(RESTRICTED), **of_pod, **own}.items():
        if field in RESTRICTED and value != RESTRICTED[field]:
            yield f"{field} of {name} is {value} → {RESTRICTED[field]}"
        elif field in OPEN and value not in (OPEN[field], False):
            yield f"{field} of {name} is {value} → {OPEN[field]}"
        elif field in IDS and not value:
            yield f"{name} runs as root → remove {field}"
        elif field not in {*RESTRICTED, *OPEN, *IDS, *FREE}:
            yield f"{field} of {name} is nothing that it needs → remove it"
    if any("hostPort" in port for port in container.get("ports", [])):
        yield f"{name} takes a port of its node → remove hostPort"


@policy
def test_pods_are_restricted(overlay: Overlay) -> Iterator[str]:
    for namespace in overlay.of("Namespace"):
        label = "pod-security.kubernetes.io/enforce"
        if namespace.labels.get(label) != "restricted":
            yield f"{namespace}: {label} is {namespace.labels.get(label)} → restricted"
    for each in overlay.pods:
        for name in HOST & each.pod.keys():
            if each.pod[name]:
                yield f"{each}: {name} takes it out of its pod → remove it"
        for volume in each.pod.get("volumes", []):
            for kind in volume.keys() - VOLUMES:
                yield f"{each}: the volume {volume['name']} is a {kind} → a folder of its own"
        for container in each.containers:
            for fault in faults(container, each.pod.get("securityContext", {})):
                yield f"{each}: {fault}"


@policy
def test_nothing_is_written_to_an_image(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        for container in workload.containers:
            if not container.get("securityContext", {}).get("readOnlyRootFilesystem"):
                name = container["name"]
                yield f"{workload}: readOnlyRootFilesystem of {name} is not set → true, and an emptyDir"
        for volume in workload.pod.get("volumes", []):
            place = volume.get("emptyDir") or {}
            if place.get("medium") == "Memory" and "sizeLimit" not in place:
                yield f"{workload}: D3 {volume['name']} takes memory without end → sizeLimit"


def beside(container: dict[str, Any], workload: Manifest, overlay: Overlay) -> bool:
    """Whether a container ends before the others start, or is of somebody else and ends after them."""
    first = container in workload.pod.get("initContainers", [])
    always = container.get("restartPolicy") == "Always"
    return first and not (always and overlay.runs_ours(container))


@policy
def test_a_pod_is_one_process_without_rights_in_the_cluster(overlay: Overlay) -> Iterator[str]:
    accounts = {account.name for account in overlay.of("ServiceAccount")}
    for workload in overlay.workloads:
        name = workload.pod.get("serviceAccountName", "default")
        if name != workload.name or name not in accounts:
            yield f"{workload}: RK4 its ServiceAccount is {name} → one of its own"
        elif workload.pod.get("automountServiceAccountToken", True):
            yield f"{workload}: it gets a token of the cluster → components: ../hardening"
        if workload.pod.get("enableServiceLinks", True):
            yield f"{workload}: Services set its variables → enableServiceLinks: false"
        processes = [c for c in workload.containers if not beside(c, workload, overlay)]
        if len(processes) != 1:
            yield (
                f"{workload}: D2 {len(processes)} containers in a pod → a workload for each of ours, what "
                "others need beside it an init container with restartPolicy: Always"
            )


@policy
def test_our_accounts_have_no_rights_in_the_cluster(overlay: Overlay) -> Iterator[str]:
    ours = {"system:authenticated", "system:serviceaccounts"}
    for workload in overlay.workloads:
        ours.add(workload.pod.get("serviceAccountName", "default"))
        ours.add(f"system:serviceaccounts:{workload['metadata'].get('namespace')}")
        for volume in workload.pod.get("volumes", []):
            for source in volume.get("projected", {}).get("sources", []):
                # One for somebody else, such as Vault, says for whom it is.
                if "audience" not in source.get("serviceAccountToken", {"audience": ""}):
                    yield f"{workload}: {volume['name']} is a token of the cluster → an audience, or remove it"
    for binding in overlay.of("ClusterRoleBinding", "RoleBinding"):
        for name in ours & {subject["name"] for subject in binding.get("subjects", [])}:
            yield f"{binding}: {name} gets rights in the cluster, which none of ours needs → remove it"


@policy
def test_only_deployments_run_our_programs(overlay: Overlay) -> Iterator[str]:
    for each in overlay.pods:
        if each not in overlay.workloads and any(map(overlay.runs_ours, each.containers)):
            yield f"{each}: D6 it runs one of our programs beside its Deployment → remove it"
