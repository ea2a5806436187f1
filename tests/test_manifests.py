"""The manifests of a project: releases of one domain, and what only some options render."""

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Render, run

OVERLAYS = ("development", "production", "staging")
RELEASE = "deploy/kubernetes/overlays/production/order-worker/kustomization.yaml"
WORKER = "deploy/kubernetes/base/worker"
CRD_SCHEMAS = os.environ.get("CRD_SCHEMAS")


def objects(project: Path, overlay: str, tools: dict[str, str]) -> list[str]:
    """The objects of an overlay as kubectl writes them."""
    kubectl = Path(tools["UV_PROJECT_ENVIRONMENT"]) / "bin/kubectl"
    folder = project / "deploy/kubernetes/overlays" / overlay
    return run(kubectl, "kustomize", folder, cwd=project).stdout.split("---\n")


@pytest.fixture
def project(rendered: Callable[[str], Path], tmp_path: Path) -> Path:
    return shutil.copytree(rendered("api-of-all-recipes"), tmp_path / "project")


@pytest.mark.parametrize("version", ["", "@sha256:" + "0" * 64])
def test_a_release_of_one_domain_leaves_the_others_as_they_are(
    version: str, project: Path, tools: dict[str, str]
) -> None:
    before = {overlay: objects(project, overlay, tools) for overlay in OVERLAYS}
    file = project / RELEASE
    text = file.read_text("utf-8").replace('"0.1.0"', '"0.2.0"')
    if version:
        text = text.replace('newTag: "0.2.0"', f"digest: {version[1:]}")
    file.write_text(text, "utf-8")
    after = {overlay: objects(project, overlay, tools) for overlay in OVERLAYS}

    for overlay in OVERLAYS:
        assert len(before[overlay]) == len(after[overlay])
    changed = [
        (overlay, new)
        for overlay in OVERLAYS
        for old, new in zip(before[overlay], after[overlay], strict=True)
        if old != new
    ]
    assert changed
    for overlay, content in changed:
        assert overlay == "production"
        assert "app.kubernetes.io/name: order-worker" in content
    assert re.search(f"order-worker{version or ':0.2.0'}\n", "".join(after["production"]))


@dataclass(frozen=True)
class Break:
    """An edit of a manifest that a project of these answers refuses."""

    name: str
    answers: dict[str, str]
    file: str
    find: str
    put: str
    says: str
    custom: bool = False


HPA, KEDA, VERSIONED = {"autoscaling": "hpa"}, {"autoscaling": "keda"}, {"rollout": "versioned"}
BREAKS = [
    Break(
        name="scaled by the CPU alone",
        answers=HPA,
        file=f"{WORKER}/autoscaler.yaml",
        find="type: Pods\n      pods:\n        metric:\n          name: temporal_worker_slots_used_ratio",
        put="type: Object\n      pods:\n        metric:\n          name: temporal_worker_slots_used_ratio",
        says="HorizontalPodAutoscaler/order-worker: D7 no metric of its slots",
    ),
    Break(
        name="scaled by a metric that nobody provides",
        answers=HPA | VERSIONED,
        file="deploy/kubernetes/prometheus-adapter.yaml",
        find="as: temporal_worker_slots_used_ratio",
        put="as: temporal_worker_slot_ratio",
        says="HorizontalPodAutoscaler/order-worker: D7 nobody provides temporal_worker_slots_used_ratio",
    ),
    Break(
        name="scaled by slots that have no number",
        answers=HPA,
        file=f"{WORKER}/settings.env",
        find="MAX_CONCURRENT_ACTIVITIES=50\n",
        put="MAX_CONCURRENT_ACTIVITIES=50\nTARGET_CPU_USAGE=0.8\nTARGET_MEMORY_USAGE=0.8\n",
        says="Deployment/order-worker: D7 its slots have no number",
    ),
    Break(
        name="replicas beside an autoscaler",
        answers=HPA,
        file=f"{WORKER}/deployment.yaml",
        find="spec:\n  strategy:",
        put="spec:\n  replicas: 3\n  strategy:",
        says="Deployment/order-worker: D7 replicas undoes",
    ),
    Break(
        name="scaled down at once",
        answers=HPA,
        file=f"{WORKER}/autoscaler.yaml",
        find="stabilizationWindowSeconds: 600",
        put="stabilizationWindowSeconds: 0",
        says="HorizontalPodAutoscaler/order-worker: D7 scaleDown",
    ),
    Break(
        name="scaled to one",
        answers=HPA | VERSIONED,
        file=f"{WORKER}/autoscaler.yaml",
        find="minReplicas: 3",
        put="minReplicas: 1",
        says="production/WorkerDeployment/order-worker: D1 1 replicas",
    ),
    Break(
        name="scaled to none",
        answers=KEDA,
        file=f"{WORKER}/autoscaler.yaml",
        find="minReplicaCount: 3",
        put="minReplicaCount: 0",
        says="production/Deployment/order-worker: D1 0 replicas",
    ),
    Break(
        name="a backlog of all queue types",
        answers=KEDA | VERSIONED,
        file=f"{WORKER}/autoscaler.yaml",
        find="            queueTypes: workflow,activity\n",
        put="",
        says="ScaledObject/order-worker: D7 queueTypes",
    ),
    Break(
        name="the backlog of another domain",
        answers=KEDA,
        file="deploy/kubernetes/base/order-worker/kustomization.yaml",
        find='value: "order"',
        put='value: "notification"',
        says="ScaledObject/order-worker: D7 it watches notification",
    ),
    Break(
        name="credentials that do not exist",
        answers=KEDA,
        file="deploy/kubernetes/base/namespace/trigger-authentication.yaml",
        find="name: temporal\nspec",
        put="name: temporal-cloud\nspec",
        says="ScaledObject/order-worker: D7 there is no TriggerAuthentication temporal",
    ),
    Break(
        name="a controller that asks another server",
        answers=VERSIONED,
        file="deploy/kubernetes/overlays/production/kustomization.yaml",
        find="transformers:\n  - ../../base/connection\n",
        put="",
        says="production/WorkerDeployment/order-worker: D8 its controller connects to",
    ),
    Break(
        name="a build id by hand",
        answers=VERSIONED,
        file="deploy/kubernetes/overlays/production/settings.env",
        find="LOG_LEVEL=INFO\n",
        put="LOG_LEVEL=INFO\nTEMPORAL_DEPLOYMENT_NAME=order\nTEMPORAL_WORKER_BUILD_ID=1\n",
        says="production/WorkerDeployment/order-worker: D8 TEMPORAL_WORKER_BUILD_ID is up to",
    ),
    Break(
        name="all at once",
        answers=VERSIONED,
        file=f"{WORKER}/deployment.yaml",
        find="strategy: Progressive",
        put="strategy: AllAtOnce",
        says="production/WorkerDeployment/order-worker: D8 the strategy of its rollout is AllAtOnce",
    ),
    Break(
        name="an unknown field of a WorkerDeployment",
        answers=VERSIONED,
        file=f"{WORKER}/deployment.yaml",
        find="  sunset:",
        put="  cutover: {}\n  sunset:",
        says="WorkerDeployment/.*'cutover' was unexpected",
        custom=True,
    ),
    Break(
        name="a kind of an older controller",
        answers=VERSIONED,
        file="deploy/kubernetes/base/namespace/connection.yaml",
        find="kind: Connection",
        put="kind: TemporalConnection",
        says="TemporalConnection/temporal: temporal.io/v1alpha1 TemporalConnection: ",
        custom=True,
    ),
    Break(
        name="an unknown field of a ScaledObject in a template",
        answers=KEDA | VERSIONED,
        file=f"{WORKER}/autoscaler.yaml",
        find="minReplicaCount: 3",
        put="minReplicaCount: 3\n      minReplicas: 3",
        says="ScaledObject/.*'minReplicas' was unexpected",
        custom=True,
    ),
]


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.name)
def test_what_an_option_renders_is_held_too(
    broken: Break, render: Render, tools: dict[str, str], tmp_path: Path
) -> None:
    if broken.custom and not CRD_SCHEMAS:
        pytest.skip("CRD_SCHEMAS names no folder of schemas")
    project = render(tmp_path, **broken.answers)
    file = project / broken.file
    text = file.read_text("utf-8")
    assert text.count(broken.find) == 1, text
    file.write_text(text.replace(broken.find, broken.put), "utf-8")

    done = run("make", "check-manifests", cwd=project, environment=tools, check=False)

    assert done.returncode
    assert re.search(broken.says, done.stdout), done.stdout
