"""Every workload, worker or API, has resources, probes, a budget and a release that leave no gap."""

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

from tests.test_deploy.manifests import KUBERNETES, Loader, Manifest, Overlay, policy, selects

NAME, VERSION = "app.kubernetes.io/name", "app.kubernetes.io/version"
LABELS = {NAME, VERSION, "app.kubernetes.io/component", "app.kubernetes.io/part-of"}
NONE = (0, "0%")
UNITS = {"": 1, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def quantity(text: str | int | None) -> float:
    """An amount such as 500m or 1Gi; no number if it is none."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(m|k|M|G|Ki|Mi|Gi|)", str(text))
    return float(match[1]) * UNITS[match[2]] if match else math.nan


def share(value: str | int, whole: int) -> int:
    """A number of pods, or a percentage of them, rounded up."""
    return math.ceil(whole * int(value[:-1]) / 100) if isinstance(value, str) else value


@policy
def test_resources_are_requested_and_limited(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        for container in workload.containers:
            resources = container.get("resources", {})
            for resource in ("cpu", "memory"):
                request = resources.get("requests", {}).get(resource)
                limit = resources.get("limits", {}).get(resource)
                if not 0 < quantity(request) <= quantity(limit):
                    yield (
                        f"{workload}: D3 {container['name']} requests {request} of {resource}, limited "
                        f"to {limit} → set both, the request not above the limit"
                    )


@policy
def test_probes_ask_for_health(overlay: Overlay) -> Iterator[str]:
    paths = {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}
    for workload in overlay.workloads:
        ports = {port.get("name") for port in workload.container.get("ports", [])}
        for probe, path in paths.items():
            request = workload.container.get(probe, {}).get("httpGet", {})
            if request.get("path") != path:
                yield f"{workload}: D4 {probe} asks {request.get('path')} → httpGet {path}"
            elif request["port"] not in ports:
                yield f"{workload}: D4 {probe} asks port {request['port']} → one of {ports}"


@policy
def test_capacity_never_drops_in_a_rollout(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.of("Deployment"):
        strategy = workload.spec.get("strategy", {})
        update = strategy.get("rollingUpdate", {})
        if workload.spec.get("paused"):
            yield f"{workload}: D8 it is paused, so no release reaches it → remove paused"
        if strategy.get("type", "RollingUpdate") != "RollingUpdate":
            yield f"{workload}: D8 its strategy is {strategy['type']} → RollingUpdate"
        elif update.get("maxUnavailable") not in NONE or update.get("maxSurge", 1) in NONE:
            yield f"{workload}: D8 pods go before others come → maxUnavailable: 0, maxSurge: 1"


@policy
def test_a_drained_node_leaves_enough(overlay: Overlay) -> Iterator[str]:
    least = 2 if overlay.production else 1
    budgets = overlay.of("PodDisruptionBudget")
    for workload in overlay.workloads:
        own = [each for each in budgets if selects(matched(each), workload.pod_labels)]
        if len(own) != 1:
            yield f"{workload}: D1 {len(own)} PodDisruptionBudgets select its pods → one"
            continue
        replicas, budget = overlay.replicas(workload), own[0].spec
        gone = share(budget.get("maxUnavailable", 0), replicas)
        if "minAvailable" in budget:
            gone = replicas - share(budget["minAvailable"], replicas)
        if gone < 1:
            yield f"{own[0]}: D1 no node with such a pod can be drained → maxUnavailable: 1"
        elif replicas - gone < least:
            yield f"{own[0]}: D1 it leaves {replicas - gone} of {replicas} → {least} at least"


def matched(manifest: Manifest) -> dict[str, str]:
    labels: dict[str, str] = manifest.spec["selector"].get("matchLabels", {})
    return labels


@policy
def test_selectors_find_the_pods_of_one_workload(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        for label in LABELS - workload.pod_labels.keys():
            yield f"{workload}: RK4 its pods have no label {label} → labels in its kustomization"
        if workload.labels.get(NAME) != workload.name:
            yield f"{workload}: RK4 {NAME} is {workload.labels.get(NAME)} → {workload.name}"
        for spread in workload.pod.get("topologySpreadConstraints", []):
            if not selects(spread["labelSelector"]["matchLabels"], workload.pod_labels):
                yield f"{workload}: D1 it spreads over {spread['topologyKey']} what it is not"
        if not workload.pod.get("topologySpreadConstraints"):
            yield f"{workload}: D1 its pods may share a node → topologySpreadConstraints"
    for selecting in overlay.of("Deployment", "PodDisruptionBudget"):
        found = [w.name for w in overlay.workloads if selects(matched(selecting), w.pod_labels)]
        if len(found) != 1:
            yield f"{selecting}: RK4 its selector finds {found} → the pods of one workload"


@policy
def test_an_image_has_a_version(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        image, version = workload.image, workload.labels.get(VERSION)
        if "/" not in image.name:
            yield f"{workload}: RK4 the image {image.name} is in no registry → images in its base"
        elif image.tag == "latest" or not (image.tag or image.digest):
            yield f"{workload}: RK4 its image may change → newTag or digest of a release"
        elif image.tag not in ("", version):
            yield f"{workload}: RK4 {VERSION} is {version}, its image {image.tag} → both the same"


def kustomizations(overlay: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The kustomization files that an overlay may be made of, by their folder."""
    for file in sorted(KUBERNETES.glob("*/**/kustomization.yaml")):
        folder = file.parent.relative_to(KUBERNETES)
        if folder.parts[0] != "overlays" or folder.parts[1] == overlay:
            yield folder.as_posix(), yaml.load(file.read_text("utf-8"), Loader)


def hits(target: dict[str, str], manifest: Manifest) -> bool:
    """Whether a patch is for a manifest; what is added to its name later does not count."""
    labels = dict(pair.split("=") for pair in target.get("labelSelector", "=").split(","))
    labels.pop("", None)
    return (
        re.fullmatch(target.get("kind", ".*"), manifest.kind) is not None
        and re.fullmatch(f"(.*-)?({target.get('name', '.*')})", manifest.name) is not None
        and selects(labels, manifest.labels)
    )


@policy
def test_every_patch_and_image_hits_something(overlay: Overlay) -> Iterator[str]:
    """Kubectl passes over those that do not."""
    used = {workload.image.name for workload in overlay.workloads}
    for folder, content in kustomizations(overlay.name):
        name = folder.rpartition("/")[2]
        inside = [each for each in overlay if each.labels.get(NAME) == name] or overlay
        for patch in content.get("patches", []):
            target = patch.get("target")
            if target and not any(hits(target, manifest) for manifest in inside):
                yield f"{overlay.name}/Kustomization/{folder}: the patch of {target} hits nothing"
        for image in content.get("images", []):
            if (image_name := image.get("newName", image["name"])) not in used:
                yield f"{overlay.name}/Kustomization/{folder}: nothing runs the image {image_name}"
