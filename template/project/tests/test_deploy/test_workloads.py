"""Every workload, worker or API, has resources, a budget, an image and a release that leave no gap."""

import re
from collections import defaultdict
from collections.abc import Iterator

from tests.test_deploy.manifests import Manifest
from tests.test_deploy.overlays import Overlay
from tests.test_deploy.policies import policy
from tests.test_deploy.selectors import quantity, selects, share

NAME, VERSION = "app.kubernetes.io/name", "app.kubernetes.io/version"
LABELS = {NAME, VERSION, "app.kubernetes.io/component", "app.kubernetes.io/part-of"}
HOSTNAME = "kubernetes.io/hostname"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
NONE = (0, "0%")

SCOPED = {"scopes", "scopeSelector"}
"""By which a quota is for some pods only."""

LEAST = {"cpu": "50m", "memory": "64Mi"}
"""With less, a program of ours does not even start."""

RELEASE = re.compile(r"\d+\.\d+\.\d+|\b[0-9a-f]{7,}\b")
"""What the tag of an image has that stays the same: the whole version, or the commit."""


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
def test_resources_are_enough_to_start(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        requests = workload.container.get("resources", {}).get("requests", {})
        for resource, least in LEAST.items():
            if quantity(found := requests.get(resource)) < quantity(least):
                yield f"{workload}: D3 it requests {found} of {resource} → {least} at least"


@policy
def test_a_quota_has_room_for_all_pods(overlay: Overlay) -> Iterator[str]:
    needed: dict[str, float] = defaultdict(float)
    for workload in overlay.workloads:
        pods = overlay.replicas(workload) + 1  # which comes first in a rollout
        needed["pods"] += pods
        for kind in ("limits", "requests"):
            amounts = workload.container.get("resources", {}).get(kind, {})
            for resource, amount in amounts.items():
                needed[f"{kind}.{resource}"] += pods * quantity(amount)
    quotas = [each for each in overlay.of("ResourceQuota") if not SCOPED & each.spec.keys()]
    for quota in quotas:
        for name, hard in quota.spec["hard"].items():
            if (least := needed[name] or needed[f"requests.{name}"]) > quantity(hard):
                yield f"{quota}: D1 {name} is {hard} → {least:g} at least, for our pods in a rollout"


@policy
def test_capacity_never_drops_in_a_rollout(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        if workload.kind != "Deployment":
            continue
        strategy = workload.spec.get("strategy", {})
        update = strategy.get("rollingUpdate", {})
        if workload.spec.get("paused"):
            yield f"{workload}: D8 it is paused, so no release reaches it → remove paused"
        if workload.spec.get("revisionHistoryLimit", 10) < 1:
            yield f"{workload}: D8 no release can be undone → remove revisionHistoryLimit"
        if strategy.get("type", "RollingUpdate") != "RollingUpdate":
            yield f"{workload}: D8 its strategy is {strategy['type']} → RollingUpdate"
        elif update.get("maxUnavailable") not in NONE or update.get("maxSurge", 1) in NONE:
            yield f"{workload}: D8 pods go before others come → maxUnavailable: 0, maxSurge: 1"


@policy
def test_a_release_has_the_time_that_its_pods_take(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        if (again := workload.pod.get("restartPolicy", "Always")) != "Always":
            yield f"{workload}: D8 no Deployment takes restartPolicy {again} → remove it"
        if "activeDeadlineSeconds" in workload.pod:
            yield f"{workload}: D8 no Deployment takes activeDeadlineSeconds → remove it"
        start = workload.container.get("startupProbe", {})
        needed = start.get("initialDelaySeconds", 0) + workload.spec.get("minReadySeconds", 0)
        needed += start.get("periodSeconds", 10) * start.get("failureThreshold", 3)
        if (given := workload.spec.get("progressDeadlineSeconds", 600)) <= needed:
            yield (
                f"{workload}: D8 progressDeadlineSeconds is {given} → above {needed}, which startupProbe and "
                "minReadySeconds allow"
            )


@policy
def test_a_drained_node_leaves_enough(overlay: Overlay) -> Iterator[str]:
    least = 2 if overlay.production else 1
    budgets = overlay.of("PodDisruptionBudget")
    for workload in overlay.workloads:
        own = [each for each in budgets if selects(each.spec["selector"], workload.pod_labels)]
        if len(own) != 1:
            yield f"{workload}: D1 {len(own)} PodDisruptionBudgets select its pods → one"
            continue
        replicas, budget = overlay.replicas(workload), own[0].spec
        gone = share(budget.get("maxUnavailable", 0), replicas)
        if "minAvailable" in budget:
            gone = replicas - share(budget["minAvailable"], replicas)
        if budget.get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield f"{own[0]}: D1 a pod that does not work keeps its node → unhealthyPodEvictionPolicy: AlwaysAllow"
        if gone < 1:
            yield f"{own[0]}: D1 no node with such a pod can be drained → maxUnavailable: 1"
        elif replicas - gone < least:
            yield f"{own[0]}: D1 it leaves {replicas - gone} of {replicas} → {least} at least"


@policy
def test_selectors_find_the_pods_of_one_workload(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        for label in LABELS - workload.pod_labels.keys():
            yield f"{workload}: RK4 its pods have no label {label} → labels in its kustomization"
        if (name := workload.labels.get(NAME)) != workload.name:
            yield f"{workload}: RK4 {NAME} is {name} → {workload.name}"
    budgets, ours = overlay.of("PodDisruptionBudget"), overlay.of("Deployment")
    for selecting in [*budgets, *(each for each in ours if each in overlay.workloads)]:
        selector = selecting.spec["selector"]
        found = [each.name for each in overlay.pods if selects(selector, each.pod_labels)]
        if len(found) != 1:
            yield f"{selecting}: RK4 its selector finds {found} → the pods of one workload"


def apart(workload: Manifest) -> Iterator[str]:
    """Over what the pods of a workload are spread, evenly or for all to be apart."""
    for spread in workload.pod.get("topologySpreadConstraints", []):
        if spread["maxSkew"] == 1 and selects(spread["labelSelector"], workload.pod_labels):
            yield spread["topologyKey"]
    rules = workload.pod.get("affinity", {}).get("podAntiAffinity", {})
    for term in rules.get(REQUIRED, []):
        if selects(term.get("labelSelector", {}), workload.pod_labels):
            yield term["topologyKey"]


def together(workload: Manifest) -> Iterator[str]:
    """What holds all pods of a workload on one node."""
    if "nodeName" in workload.pod:
        yield "nodeName"
    if HOSTNAME in workload.pod.get("nodeSelector", {}):
        yield "nodeSelector"
    affinity = workload.pod.get("affinity", {})
    for term in affinity.get("podAffinity", {}).get(REQUIRED, []):
        of_itself = selects(term.get("labelSelector", {}), workload.pod_labels)
        if term["topologyKey"] == HOSTNAME and of_itself:
            yield "podAffinity"
    nodes: set[str] = set()
    for term in affinity.get("nodeAffinity", {}).get(REQUIRED, {}).get("nodeSelectorTerms", []):
        for each in term.get("matchExpressions", []) + term.get("matchFields", []):
            if each["key"] in {HOSTNAME, "metadata.name"} and each["operator"] == "In":
                nodes.update(each["values"])
    if len(nodes) == 1:
        yield "nodeAffinity"


@policy
def test_pods_are_apart(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        if HOSTNAME not in apart(workload):
            yield (
                f"{workload}: D1 its pods may share a node → topologySpreadConstraints over {HOSTNAME}, "
                "maxSkew: 1, of its own pods"
            )
        for field in together(workload):
            yield f"{workload}: D1 its pods are all on one node → remove {field}"


@policy
def test_an_image_has_a_version(overlay: Overlay) -> Iterator[str]:
    for workload in overlay.workloads:
        image, version = workload.image, workload.labels.get(VERSION)
        if "/" not in image.name:
            yield f"{workload}: RK4 the image {image.name} is in no registry → images in its base"
        elif not (image.digest or RELEASE.search(image.tag)) or "latest" in image.tag:
            yield (
                f"{workload}: RK4 its image may change with the tag {image.tag or 'latest'} → newTag with the whole "
                "version, such as 1.2.3, or the commit; or a digest"
            )
        elif image.tag not in ("", version):
            yield f"{workload}: RK4 {VERSION} is {version}, its image {image.tag} → both the same"


@policy
def test_a_workload_is_released_alone(overlay: Overlay) -> Iterator[str]:
    images: dict[str, str] = {}
    for workload in overlay.workloads:
        image = workload.image.name
        if not image.endswith(f"-{workload.name}"):
            yield f"{workload}: RK4 its image is {image} → one that ends with -{workload.name}"
        if image in images:
            yield f"{workload}: RK4 it has the image of {images[image]} → one of its own"
        images[image] = workload.name
