"""The manifests of a project: releases, credentials, and what only some options render."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, Render, run
from tests.fake_cluster import FakeCluster, fake_cluster

OVERLAYS = ("development", "production", "staging")
RELEASE = "deploy/kubernetes/overlays/production/order-worker/kustomization.yaml"
WORKER = "deploy/kubernetes/base/worker"
PAGE = ROOT / "docs/reference/kubernetes.md"
CRD_SCHEMAS = os.environ.get("CRD_SCHEMAS")


def objects(project: Path, overlay: str, tools: dict[str, str]) -> list[str]:
    """The objects of an overlay as kubectl writes them."""
    kubectl = Path(tools["UV_PROJECT_ENVIRONMENT"]) / "bin/kubectl"
    folder = project / "deploy/kubernetes/overlays" / overlay
    return run(kubectl, "kustomize", folder, cwd=project).stdout.split("---\n")


def add_component(project: Path, overlay: str, name: str) -> None:
    """What the page about Kubernetes says of credentials."""
    file = project / f"deploy/kubernetes/overlays/{overlay}/kustomization.yaml"
    text = file.read_text("utf-8")
    if "components:\n" not in text:
        text += "components:\n"
    line = f"  - ../../base/{name}\n"
    assert line in PAGE.read_text("utf-8") or f"`- ../../base/{name}`" in PAGE.read_text("utf-8")
    file.write_text(text.replace("components:\n", f"components:\n{line}"), "utf-8")


Variant = Callable[..., Path]


@pytest.fixture(scope="module")
def variants() -> dict[tuple[str, str], Path]:
    return {}


@pytest.fixture
def variant(
    variants: dict[tuple[str, str], Path],
    render: Render,
    tmp_path_factory: pytest.TempPathFactory,
    tmp_path: Path,
) -> Variant:
    """A project with an API, by how its workers are scaled and brought in: `variant(autoscaling="hpa")`."""

    def variant(autoscaling: str = "none", rollout: str = "rolling") -> Path:
        key = (autoscaling, rollout)
        if key not in variants:
            folder = tmp_path_factory.mktemp("variant")
            variants[key] = render(folder, api="true", autoscaling=autoscaling, rollout=rollout)
        return shutil.copytree(variants[key], tmp_path / "project")

    return variant


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


def test_changed_settings_start_the_pods_that_read_them(
    project: Path, tools: dict[str, str]
) -> None:
    before = templates(project, "production", tools)
    for file, text in (
        ("overlays/production/settings.env", "LOG_LEVEL=DEBUG\n"),
        ("base/worker/settings.env", "MAX_POLLERS=20\n"),
        ("overlays/production/order-worker/kustomization.yaml", OWN_SETTING),
    ):
        path = project / "deploy/kubernetes" / file
        kept = path.read_text("utf-8")
        path.write_text(kept.replace("LOG_LEVEL=INFO\n", "") + text, "utf-8")
        changed = {
            name
            for name, template in templates(project, "production", tools).items()
            if before[name] != template
        }
        path.write_text(kept, "utf-8")
        match file.split("/")[1:]:
            case ["production", "settings.env"]:
                assert changed == before.keys()
            case ["worker", _]:
                assert changed == before.keys() - {"api"}
            case _:
                assert changed == {"order-worker"}


OWN_SETTING = """\
configMapGenerator:
  - name: order-worker
    behavior: merge
    literals:
      - MAX_CACHED_WORKFLOWS=100
"""


def documents(project: Path, overlay: str, tools: dict[str, str]) -> list[dict[str, Any]]:
    return [yaml.safe_load(each) for each in objects(project, overlay, tools)]


def templates(project: Path, overlay: str, tools: dict[str, str]) -> dict[str, Any]:
    """What the pods of each workload are made of."""
    return {
        each["metadata"]["name"]: each["spec"]["template"]
        for each in documents(project, overlay, tools)
        if each["kind"] in {"Deployment", "WorkerDeployment"}
    }


def test_two_environments_share_nothing_in_a_cluster(
    rendered: Callable[[str], Path], tools: dict[str, str]
) -> None:
    known: set[tuple[str, str, str]] = set()
    for overlay in OVERLAYS:
        for each in documents(rendered("long-names"), overlay, tools):
            about = each["metadata"]
            assert each["kind"] == "Namespace" or about["namespace"].endswith(f"-{overlay}")
            key = (each["kind"], about.get("namespace", ""), about["name"])
            assert key not in known
            known.add(key)


def run_by_the_controller(pod: dict[str, Any], connection: dict[str, Any]) -> None:
    """Add to a pod what the Temporal Worker Controller adds."""
    container = pod["containers"][0]
    variables = {"TEMPORAL_ADDRESS": connection["hostPort"]}
    if "mutualTLSSecretRef" in connection:
        variables["TEMPORAL_TLS_CLIENT_CERT_PATH"] = "/etc/temporal/tls/tls.crt"
        variables["TEMPORAL_TLS_CLIENT_KEY_PATH"] = "/etc/temporal/tls/tls.key"
        container["volumeMounts"].append({"name": "temporal-tls", "mountPath": "/etc/temporal/tls"})
        secret = {"secretName": connection["mutualTLSSecretRef"]["name"]}
        pod["volumes"].append({"name": "temporal-tls", "secret": secret})
    container["env"] = [{"name": name, "value": value} for name, value in variables.items()]


def files_of_the_secret(pod: dict[str, Any], settings: dict[str, str]) -> dict[str, str]:
    """The variables of a pod that name a key of the Secret `temporal`, with that key."""
    container = pod["containers"][0]
    own = {variable["name"]: variable["value"] for variable in container.get("env", [])}
    secrets = {
        each["name"] for each in pod["volumes"] if each["secret"]["secretName"] == "temporal"
    }
    mounts = [each["mountPath"] for each in container["volumeMounts"] if each["name"] in secrets]
    assert not [one for one in mounts for other in mounts if other.startswith(f"{one}/")]
    return {
        name: value.removeprefix(f"{mount}/")
        for name, value in (settings | own).items()
        for mount in mounts
        if value.startswith(f"{mount}/")
    }


CREDENTIALS: dict[str, tuple[str, dict[str, str], set[str]]] = {
    "development": ("", {}, set()),
    "staging": ("api-key", {"TEMPORAL_API_KEY_FILE": "api-key"}, {"apiKey"}),
    "production": (
        "mtls",
        {
            "TEMPORAL_TLS_CLIENT_CERT_PATH": "tls.crt",
            "TEMPORAL_TLS_CLIENT_KEY_PATH": "tls.key",
        },
        {"cert", "key"},
    ),
}


@pytest.mark.parametrize("rollout", ["rolling", "versioned"])
@pytest.mark.parametrize("autoscaling", ["none", "hpa", "keda"])
def test_credentials_reach_all_that_connect(
    autoscaling: str, rollout: str, variant: Variant, tools: dict[str, str]
) -> None:
    project = variant(autoscaling=autoscaling, rollout=rollout)
    for overlay, (component, _, _) in CREDENTIALS.items():
        if component:
            add_component(project, overlay, component)

    run("make", "check-manifests", cwd=project, environment=tools)

    for overlay, (component, files, parameters) in CREDENTIALS.items():
        found = documents(project, overlay, tools)
        settings = next(
            each["data"] for each in found if each["metadata"]["name"].startswith("settings-")
        )
        connections = [each["spec"] for each in found if each["kind"] == "Connection"]
        assert len(connections) == (rollout == "versioned")
        for each in found:
            if each["kind"] == "WorkerDeployment":
                run_by_the_controller(each["spec"]["template"]["spec"], connections[0])
            if each["kind"] in {"Deployment", "WorkerDeployment"}:
                assert files_of_the_secret(each["spec"]["template"]["spec"], settings) == files
        for connection in connections:
            assert ("apiKeySecretRef" in connection) == (component == "api-key")
            assert ("mutualTLSSecretRef" in connection) == (component == "mtls")
        given = {
            reference["parameter"]
            for each in found
            if each["kind"] == "TriggerAuthentication"
            for reference in each["spec"]["secretTargetRef"]
        }
        assert given == (parameters if autoscaling == "keda" else set())


def test_files_are_judged_whatever_the_environment_says(
    rendered: Callable[[str], Path], tools: dict[str, str], tmp_path: Path
) -> None:
    project = shutil.copytree(rendered("api"), tmp_path / "project")
    environment = {
        "API_PORT": "1",
        "GRACEFUL_SHUTDOWN_SECONDS": "3600",
        "HEALTH_PORT": "0",
        "HISTORY_WARNING": "7",
    }
    gates = ["check-image", "check-manifests", "check-monitoring"]

    run("make", *gates, cwd=project, environment=tools | environment)


def block(page: str, title: str) -> Any:
    """What the first YAML of a section says."""
    _, _, section = page.partition(f"\n## {title}\n")
    return yaml.safe_load(section.split("```yaml\n")[1].split("```")[0])


@pytest.mark.parametrize("rollout", ["rolling", "versioned"])
@pytest.mark.parametrize("autoscaling", ["none", "hpa", "keda"])
def test_a_domain_is_sized_as_the_page_says(
    autoscaling: str, rollout: str, variant: Variant, tools: dict[str, str]
) -> None:
    project = variant(autoscaling=autoscaling, rollout=rollout)
    page = (project / "docs/reference/kubernetes.md").read_text("utf-8")
    content = block(page, "Size and tune one domain")
    size = block(page, f"`autoscaling: {autoscaling}`")
    content["patches"] += size.pop("patches", [])
    content |= size
    with (project / RELEASE).open("a", encoding="utf-8") as file:
        yaml.safe_dump(content, file)

    run("make", "check-manifests", cwd=project, environment=tools)

    own = [each for each in objects(project, "production", tools) if "order-worker" in each]
    assert re.search(r"(?m)^ +(replicas|minReplicas|minReplicaCount): 5$", "\n".join(own))


def commands(beginning: str) -> list[str]:
    """The commands of the page about Kubernetes that begin so."""
    text = PAGE.read_text("utf-8")
    return re.findall(rf"(?m)(?:^|`)({re.escape(beginning)}[^`\n]*)", text)


def test_a_value_that_was_tried_out_stays_until_it_is_taken_back(
    cluster: FakeCluster, tmp_path: Path
) -> None:
    manifest = deployment(tmp_path, replicas=3)
    cluster.kubectl("kubectl apply --filename", manifest)
    begin, end = commands("kubectl set env deployment/order-worker")

    cluster.kubectl(begin)
    cluster.kubectl("kubectl apply --filename", manifest)
    assert cluster.container("order-worker")["env"] == [
        {"name": "MAX_CONCURRENT_ACTIVITIES", "value": "100"}
    ]

    cluster.kubectl(end)
    assert not cluster.container("order-worker").get("env")


@pytest.mark.parametrize("prepared", [False, True])
def test_pods_stay_when_an_autoscaler_takes_over(
    prepared: bool, cluster: FakeCluster, tmp_path: Path
) -> None:
    cluster.kubectl("kubectl apply --filename", deployment(tmp_path, replicas=5))
    (command,) = commands("KUBE_EDITOR=")

    if prepared:
        cluster.kubectl(f"{command}")
    cluster.kubectl("kubectl apply --filename", deployment(tmp_path))

    assert cluster.deployment("order-worker")["spec"]["replicas"] == (5 if prepared else 1)


def deployment(folder: Path, replicas: int | None = None) -> Path:
    """The manifest of a worker, with or without a number of replicas."""
    pod = {"containers": [{"name": "worker", "image": "worker:0.1.0"}]}
    spec = {"template": {"spec": pod}} | ({"replicas": replicas} if replicas else {})
    content = {"apiVersion": "apps/v1", "kind": "Deployment", "spec": spec}
    file = folder / "deployment.yaml"
    file.write_text(yaml.safe_dump(content | {"metadata": {"name": "order-worker"}}), "utf-8")
    return file


@pytest.fixture
def cluster(tools: dict[str, str], tmp_path: Path) -> Iterator[FakeCluster]:
    with fake_cluster(Path(tools["UV_PROJECT_ENVIRONMENT"]) / "bin", tmp_path) as cluster:
        yield cluster


@pytest.mark.parametrize(
    ("scenario", "options"),
    [
        ("defaults", {"`autoscaling: none`"}),
        ("one-recipe-twice", {"`autoscaling: hpa`"}),
        ("twelve-domains", {"`autoscaling: keda`", "`rollout: versioned`"}),
        ("encryption", {"`autoscaling: none`", "`payload_encryption`"}),
    ],
)
def test_the_page_in_a_project_tells_of_its_options(
    scenario: str, options: set[str], rendered: Callable[[str], Path]
) -> None:
    page = (rendered(scenario) / "docs/reference/kubernetes.md").read_text("utf-8")

    titles = re.findall(r"(?m)^## (.*)$", page)
    assert {title for title in titles if title.startswith("`")} == options
    assert len(titles) == len(set(titles)) == 8 + len(options)


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
    component: str = ""


SETTINGS = "deploy/kubernetes/overlays/production/settings.env"
HPA, KEDA, VERSIONED = {"autoscaling": "hpa"}, {"autoscaling": "keda"}, {"rollout": "versioned"}
BREAKS = [
    Break(
        name="an API whose keys nobody mounts",
        answers={},
        file="deploy/kubernetes/base/api/deployment.yaml",
        find="mountPath: /etc/api\n",
        put="mountPath: /etc/keys\n",
        says=r"/Deployment/api: D2 its keys are in no Secret",
    ),
    Break(
        name="scaled by the CPU alone",
        answers=HPA,
        file=f"{WORKER}/autoscaler.yaml",
        find="type: Pods\n      pods:\n        metric:\n          name: temporal_worker_slots_used_ratio",
        put="type: Object\n      pods:\n        metric:\n          name: temporal_worker_slots_used_ratio",
        says=r"HorizontalPodAutoscaler/\S*order-worker\S*: D7 no metric of its slots",
    ),
    Break(
        name="scaled by a metric that nobody provides",
        answers=HPA | VERSIONED,
        file="deploy/kubernetes/prometheus-adapter.yaml",
        find="as: temporal_worker_slots_used_ratio",
        put="as: temporal_worker_slot_ratio",
        says=r"HorizontalPodAutoscaler/\S*order-worker\S*: D7 nobody provides temporal_worker_slots_used_ratio",
    ),
    Break(
        name="scaled by slots that have no number",
        answers=HPA,
        file=f"{WORKER}/settings.env",
        find="MAX_CONCURRENT_ACTIVITIES=50\n",
        put="MAX_CONCURRENT_ACTIVITIES=50\nTARGET_CPU_USAGE=0.8\nTARGET_MEMORY_USAGE=0.8\n",
        says=r"Deployment/\S*order-worker\S*: D7 its slots have no number",
    ),
    Break(
        name="replicas beside an autoscaler",
        answers=HPA,
        file=f"{WORKER}/deployment.yaml",
        find="spec:\n  strategy:",
        put="spec:\n  replicas: 3\n  strategy:",
        says=r"Deployment/\S*order-worker\S*: D7 replicas undoes",
    ),
    Break(
        name="scaled down at once",
        answers=HPA,
        file=f"{WORKER}/autoscaler.yaml",
        find="stabilizationWindowSeconds: 600",
        put="stabilizationWindowSeconds: 0",
        says=r"HorizontalPodAutoscaler/\S*order-worker\S*: D7 scaleDown",
    ),
    Break(
        name="scaled to one",
        answers=HPA | VERSIONED,
        file=f"{WORKER}/autoscaler.yaml",
        find="minReplicas: 3",
        put="minReplicas: 1",
        says=r"production/WorkerDeployment/\S*order-worker\S*: D1 1 replicas",
    ),
    Break(
        name="scaled to none",
        answers=KEDA,
        file=f"{WORKER}/autoscaler.yaml",
        find="minReplicaCount: 3",
        put="minReplicaCount: 0",
        says=r"production/Deployment/\S*order-worker\S*: D1 0 replicas",
    ),
    Break(
        name="scaled to none at night",
        answers=KEDA,
        file=f"{WORKER}/autoscaler.yaml",
        find="minReplicaCount: 3",
        put="idleReplicaCount: 0\n  minReplicaCount: 3",
        says=r"production/Deployment/\S*order-worker\S*: D1 0 replicas",
    ),
    Break(
        name="paused",
        answers=KEDA,
        file=f"{WORKER}/autoscaler.yaml",
        find="metadata:\n  name: worker\n",
        put='metadata:\n  name: worker\n  annotations:\n    autoscaling.keda.sh/paused: "true"\n',
        says=r"ScaledObject/\S*order-worker\S*: D7 autoscaling.keda.sh/paused keeps it",
    ),
    Break(
        name="a backlog without end",
        answers=KEDA | VERSIONED,
        file=f"{WORKER}/autoscaler.yaml",
        find='targetQueueSize: "10"',
        put='targetQueueSize: "1000000"',
        says=r"ScaledObject/\S*order-worker\S*: D7 targetQueueSize is 1000000",
    ),
    Break(
        name="a maximum below the minimum",
        answers=HPA,
        file=f"{WORKER}/autoscaler.yaml",
        find="maxReplicas: 10",
        put="maxReplicas: 2",
        says=r"production/Deployment/\S*order-worker\S*: D1 2 replicas",
    ),
    Break(
        name="an autoscaler of something else",
        answers=HPA,
        file=f"{WORKER}/autoscaler.yaml",
        find="kind: Deployment",
        put="kind: StatefulSet",
        says=r"Deployment/\S*order-worker\S*: D7 0 autoscalers",
    ),
    Break(
        name="700 times as many slots as there are",
        answers=HPA | VERSIONED,
        file=f"{WORKER}/autoscaler.yaml",
        find="averageValue: 700m",
        put='averageValue: "700"',
        says=r"HorizontalPodAutoscaler/\S*order-worker\S*: D7 averageValue is 700",
    ),
    Break(
        name="a CPU that cannot be used as far",
        answers=HPA,
        file=f"{WORKER}/deployment.yaml",
        find="cpu: 500m",
        put='cpu: "1"',
        says=r"HorizontalPodAutoscaler/\S*order-worker\S*: D7 120 % of the CPU",
    ),
    Break(
        name="never scaled up",
        answers=HPA,
        file=f"{WORKER}/autoscaler.yaml",
        find="  behavior:\n",
        put="  behavior:\n    scaleUp:\n      selectPolicy: Disabled\n",
        says=r"HorizontalPodAutoscaler/\S*order-worker\S*: D7 it may not add a worker",
    ),
    Break(
        name="scaled up an hour too late",
        answers=KEDA,
        file=f"{WORKER}/autoscaler.yaml",
        find="        scaleDown:",
        put="        scaleUp:\n          stabilizationWindowSeconds: 3600\n        scaleDown:",
        says=r"ScaledObject/\S*order-worker\S*: D7 scaleUp after 3615 s",
    ),
    Break(
        name="a worker more in half an hour",
        answers=HPA | VERSIONED,
        file=f"{WORKER}/autoscaler.yaml",
        find="        scaleDown:",
        put="        scaleUp:\n          policies:\n            - {type: Pods, value: 1, periodSeconds: 1800}\n"
        "        scaleDown:",
        says=r"HorizontalPodAutoscaler/\S*order-worker\S*: D7 scaleUp after 1800 s",
    ),
    Break(
        name="all that are too many go at once",
        answers=KEDA,
        file=f"{WORKER}/autoscaler.yaml",
        find="- type: Pods\n              value: 1\n",
        put="- type: Percent\n              value: 100\n",
        says=r"ScaledObject/\S*order-worker\S*: D7 scaleDown of 100 Percent",
    ),
    Break(
        name="a metric of one that nobody measures",
        answers=HPA,
        file="deploy/kubernetes/prometheus-adapter.yaml",
        find="seriesQuery: temporal_worker_task_slots_used",
        put="seriesQuery: temporal_worker_slots_used",
        says="D7 no worker measures temporal_worker_slots_used",
    ),
    Break(
        name="the slots of all kinds together",
        answers=HPA,
        file="deploy/kubernetes/prometheus-adapter.yaml",
        find="max by",
        put="sum by",
        says=r"\*/-/temporal_worker_slots_used_ratio: D7 tasks wait for the fullest kind of slots",
    ),
    Break(
        name="a backlog of all queue types",
        answers=KEDA | VERSIONED,
        file=f"{WORKER}/autoscaler.yaml",
        find="            queueTypes: workflow,activity\n",
        put="",
        says=r"ScaledObject/\S*order-worker\S*: D7 queueTypes",
    ),
    Break(
        name="the backlog of another domain",
        answers=KEDA,
        file="deploy/kubernetes/base/order-worker/kustomization.yaml",
        find='value: "order"',
        put='value: "notification"',
        says=r"ScaledObject/\S*order-worker\S*: D7 it watches notification",
    ),
    Break(
        name="credentials that do not exist",
        answers=KEDA,
        component="api-key",
        file="deploy/kubernetes/base/api-key/trigger-authentication.yaml",
        find="name: temporal\nspec",
        put="name: temporal-cloud\nspec",
        says=r"production/ScaledObject/\S*order-worker\S*: D7 there is no TriggerAuthentication temporal",
    ),
    Break(
        name="half a certificate",
        answers=KEDA | VERSIONED,
        component="mtls",
        file="deploy/kubernetes/base/mtls/trigger-authentication.yaml",
        find="    - parameter: key\n      name: temporal\n      key: tls.key\n",
        put="",
        says=r"production/ScaledObject/\S*order-worker\S*: D7 KEDA is not given key",
    ),
    Break(
        name="a CA that only workers know",
        answers=KEDA,
        component="mtls",
        file=SETTINGS,
        find="LOG_LEVEL=INFO\n",
        put="TEMPORAL_TLS_SERVER_CA_CERT_PATH=/etc/temporal/secret/ca.crt\n",
        says=r"production/ScaledObject/\S*order-worker\S*: D7 KEDA is not given ca",
    ),
    Break(
        name="a key that only workers have, with KEDA",
        answers=KEDA,
        file=SETTINGS,
        find="LOG_LEVEL=INFO\n",
        put="TEMPORAL_API_KEY_FILE=/etc/temporal/secret/api-key\n",
        says=r"production/ScaledObject/\S*order-worker\S*: D7 KEDA is not given apiKey",
    ),
    Break(
        name="TLS that only workers know",
        answers=KEDA | VERSIONED,
        file=SETTINGS,
        find="LOG_LEVEL=INFO\n",
        put="TEMPORAL_TLS=true\n",
        says=r"production/ScaledObject/\S*order-worker\S*: D7 KEDA has no TLS without credentials",
    ),
    Break(
        name="TLS that only workers know, in another word",
        answers=KEDA,
        file=SETTINGS,
        find="LOG_LEVEL=INFO\n",
        put="TEMPORAL_TLS=1\n",
        says=r"production/ScaledObject/\S*order-worker\S*: D7 KEDA has no TLS without credentials",
    ),
    Break(
        name="a name of the server that only workers know",
        answers=KEDA,
        component="api-key",
        file=SETTINGS,
        find="LOG_LEVEL=INFO\n",
        put="TEMPORAL_TLS_SERVER_NAME=temporal.example.com\n",
        says=r"production/ScaledObject/\S*order-worker\S*: D7 tlsServerName is None, .* temporal.example.com",
    ),
    Break(
        name="the backlog of another server",
        answers=KEDA,
        file=f"{WORKER}/autoscaler.yaml",
        find="endpointFromEnv: TEMPORAL_ADDRESS",
        put="endpoint: temporal-frontend.temporal.svc.cluster.local:7233",
        says=r"ScaledObject/\S*order-worker\S*: D7 it may ask another server",
    ),
    Break(
        name="a key that only workers have, with the controller",
        answers=VERSIONED,
        file=SETTINGS,
        find="LOG_LEVEL=INFO\n",
        put="TEMPORAL_API_KEY_FILE=/etc/temporal/secret/api-key\n",
        says="production/Connection/temporal: D8 it has no credentials, workers have API key",
    ),
    Break(
        name="two kinds of credentials",
        answers=VERSIONED,
        component="mtls",
        file="deploy/kubernetes/overlays/production/kustomization.yaml",
        find="components:\n",
        put="components:\n  - ../../base/api-key\n",
        says="production/Connection/temporal: D8 the controller takes one kind of credentials",
    ),
    Break(
        name="a name of the server that the controller does not know",
        answers=VERSIONED,
        component="mtls",
        file=SETTINGS,
        find="LOG_LEVEL=INFO\n",
        put="TEMPORAL_TLS_SERVER_NAME=temporal.example.com\n",
        says="production/Connection/temporal: D8 tls.serverName is None, .* temporal.example.com",
    ),
    Break(
        name="a Secret where the controller mounts the certificate",
        answers=VERSIONED,
        component="mtls",
        file=f"{WORKER}/deployment.yaml",
        find="mountPath: /etc/temporal/secret",
        put="mountPath: /etc/temporal",
        says=r"production/WorkerDeployment/\S*order-worker\S*: D8 /etc/temporal hides /etc/temporal/tls",
    ),
    Break(
        name="a metric by the namespace of Temporal",
        answers=HPA,
        file="deploy/kubernetes/prometheus-adapter.yaml",
        find="          kubernetes_namespace:\n",
        put="          namespace:\n",
        says=r"\*/-/temporal_worker_slots_used_ratio: D7 no pod has it",
    ),
    Break(
        name="a controller that asks another server",
        answers=VERSIONED,
        file="deploy/kubernetes/overlays/production/kustomization.yaml",
        find="transformers:\n  - ../../base/connection\n",
        put="",
        says=r"production/WorkerDeployment/\S*order-worker\S*: D8 its controller connects to",
    ),
    Break(
        name="a build id by hand",
        answers=VERSIONED,
        file="deploy/kubernetes/overlays/production/settings.env",
        find="LOG_LEVEL=INFO\n",
        put="LOG_LEVEL=INFO\nTEMPORAL_DEPLOYMENT_NAME=order\nTEMPORAL_WORKER_BUILD_ID=1\n",
        says=r"production/WorkerDeployment/\S*order-worker\S*: D8 TEMPORAL_WORKER_BUILD_ID is up to",
    ),
    Break(
        name="all at once",
        answers=VERSIONED,
        file=f"{WORKER}/deployment.yaml",
        find="strategy: Progressive",
        put="strategy: AllAtOnce",
        says=r"production/WorkerDeployment/\S*order-worker\S*: D8 the strategy of its rollout is AllAtOnce",
    ),
    Break(
        name="a new version for all workflows",
        answers=VERSIONED,
        file=f"{WORKER}/deployment.yaml",
        find="rampPercentage: 10",
        put="rampPercentage: 100",
        says=r"production/WorkerDeployment/\S*order-worker\S*: D8 it begins with 100 %",
    ),
    Break(
        name="a new version that nobody watches",
        answers=VERSIONED,
        file=f"{WORKER}/deployment.yaml",
        find="rampPercentage: 10\n        pauseDuration: 5m",
        put="rampPercentage: 10\n        pauseDuration: 0s",
        says=r"production/WorkerDeployment/\S*order-worker\S*: D8 a step after 0s",
    ),
    Break(
        name="a new version that never has all work",
        answers=VERSIONED,
        file=f"{WORKER}/deployment.yaml",
        find="rampPercentage: 50\n        pauseDuration: 5m",
        put="rampPercentage: 50\n        pauseDuration: 8760h",
        says=r"production/WorkerDeployment/\S*order-worker\S*: D8 a step after 8760h",
    ),
    Break(
        name="a number of replicas that nobody reads",
        answers=KEDA | VERSIONED,
        file=RELEASE,
        find="images:\n",
        put="replicas:\n  - name: order-worker\n    count: 5\nimages:\n",
        says=r"production/Kustomization/\S*order-worker\S*: D7 order-worker takes no number of replicas",
    ),
    Break(
        name="an old version that is gone at once",
        answers=VERSIONED,
        file=f"{WORKER}/deployment.yaml",
        find="scaledownDelay: 1h",
        put="scaledownDelay: 0s",
        says=r"WorkerDeployment/\S*order-worker\S*: D8 its old version goes after 0s",
    ),
    Break(
        name="an old version that is deleted before it may be taken back",
        answers=VERSIONED,
        file=f"{WORKER}/deployment.yaml",
        find="deleteDelay: 24h",
        put="deleteDelay: 10m",
        says=r"WorkerDeployment/\S*order-worker\S*: D8 its old version is deleted after 10m, before 1h",
    ),
    Break(
        name="a misspelt field of a pod that the controller makes",
        answers=VERSIONED,
        file=f"{WORKER}/deployment.yaml",
        find="terminationGracePeriodSeconds: 60",
        put="terminationGracePeriod: 60",
        says="Deployment/.*: Kubernetes 1.30: .*'terminationGracePeriod' was unexpected",
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
        says="TemporalConnection/temporal: CRD_SCHEMAS has no schema of temporal.io/v1alpha1 TemporalConnection →",
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
    broken: Break, variant: Variant, tools: dict[str, str]
) -> None:
    if broken.custom and not CRD_SCHEMAS:
        pytest.skip("CRD_SCHEMAS names no folder of schemas")
    project = variant(**broken.answers)
    if broken.component:
        add_component(project, "production", broken.component)
    file = project / broken.file
    text = file.read_text("utf-8")
    assert text.count(broken.find) == 1, text
    file.write_text(text.replace(broken.find, broken.put), "utf-8")

    done = run("make", "check-manifests", cwd=project, environment=tools, check=False)

    assert done.returncode
    assert re.search(broken.says, done.stdout), done.stdout
