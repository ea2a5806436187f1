"""The manifests of each overlay as they reach a cluster: rendered by kubectl, with what belongs together."""

import subprocess
from collections.abc import Callable, Iterator
from functools import cache, wraps
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

KUBERNETES = Path(__file__).parents[2] / "deploy" / "kubernetes"
OVERLAYS = sorted(folder.name for folder in (KUBERNETES / "overlays").iterdir())
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

COMPONENT = "app.kubernetes.io/component"
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Image(NamedTuple):
    """What an image is called, and which one it is."""

    name: str
    tag: str
    digest: str


class Manifest(dict[str, Any]):
    """An object of an overlay; as text, where to look for it."""

    def __init__(self, overlay: str, content: dict[str, Any]) -> None:
        super().__init__(content)
        self.overlay = overlay
        self.kind: str = content["kind"]
        self.name: str = content["metadata"]["name"]
        self.labels: dict[str, str] = content["metadata"].get("labels", {})

    def __str__(self) -> str:
        return f"{self.overlay}/{self.kind}/{self.name}"

    @property
    def spec(self) -> dict[str, Any]:
        spec: dict[str, Any] = self.get("spec", {})
        return spec

    @property
    def pod(self) -> dict[str, Any]:
        """What the pods of a workload are made of."""
        spec: dict[str, Any] = self.spec["template"]["spec"]
        return spec

    @property
    def pod_labels(self) -> dict[str, str]:
        labels: dict[str, str] = self.spec["template"]["metadata"]["labels"]
        return labels

    @property
    def container(self) -> dict[str, Any]:
        """The first container of a workload; a test says that it is the only one."""
        container: dict[str, Any] = self.pod["containers"][0]
        return container

    @property
    def containers(self) -> list[dict[str, Any]]:
        """All containers of a workload, those that run before the first included."""
        return [*self.pod["containers"], *self.pod.get("initContainers", [])]

    @property
    def image(self) -> Image:
        reference, _, digest = self.container["image"].partition("@")
        registry, slash, rest = reference.rpartition("/")
        name, _, tag = rest.partition(":")
        return Image(registry + slash + name, tag, digest)


class Overlay(list[Manifest]):
    """All objects of an overlay."""

    def __init__(self, name: str, documents: list[dict[str, Any]]) -> None:
        super().__init__(Manifest(name, document) for document in documents)
        self.name = name
        self.production = name == "production"

    def of(self, *kinds: str) -> list[Manifest]:
        return [manifest for manifest in self if manifest.kind in kinds]

    @property
    def workloads(self) -> list[Manifest]:
        return self.of("Deployment", "WorkerDeployment")

    @property
    def workers(self) -> list[Manifest]:
        return [each for each in self.workloads if each.labels.get(COMPONENT) == "worker"]

    @property
    def autoscalers(self) -> list[Manifest]:
        """Those that stand alone, and those of a template, filled in as its controller does."""
        filled_in = []
        for template in self.of("WorkerResourceTemplate"):
            target = {"apiVersion": "apps/v1", "kind": "Deployment"}
            target["name"] = template.spec["workerDeploymentRef"]["name"]
            content = template.spec["template"]
            assert content["spec"]["scaleTargetRef"] == {}, f"{template}: the controller sets it"
            spec = content["spec"] | {"scaleTargetRef": target}
            filled_in.append(
                Manifest(self.name, content | {"metadata": template["metadata"], "spec": spec})
            )
        return self.of("HorizontalPodAutoscaler", "ScaledObject") + filled_in

    def replicas(self, workload: Manifest) -> int:
        """How many pods of a workload there are at least."""
        for scaler in self.autoscalers:
            if scaler.spec["scaleTargetRef"]["name"] == workload.name:
                return int(scaler.spec.get("minReplicas", scaler.spec.get("minReplicaCount", 0)))
        return int(workload.spec.get("replicas", 1))

    def environment(self, workload: Manifest) -> dict[str, str]:
        """What the first container is told by ConfigMaps and by itself, which counts more."""
        maps = {each.name: each["data"] for each in self.of("ConfigMap")}
        variables: dict[str, str] = {}
        for source in workload.container.get("envFrom", []):
            variables |= maps.get(source.get("configMapRef", {}).get("name"), {})
        for variable in workload.container.get("env", []):
            variables[variable["name"]] = variable.get("value", "")
        return variables


@cache
def kubectl(folder: Path) -> subprocess.CompletedProcess[str]:
    """What kubectl makes of a folder."""
    command = ["kubectl", "kustomize", str(folder)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


@cache
def render(name: str) -> Overlay:
    """The objects of an overlay; a test says so if there are none."""
    done = kubectl(KUBERNETES / "overlays" / name)
    if done.returncode:
        pytest.skip("it does not render")  # noqa: TID251 -- one test says so, not all
    return Overlay(name, list(yaml.load_all(done.stdout, Loader)))


Policy = Callable[[Overlay], Iterator[str]]


def policy(rule: Policy) -> Callable[[str], None]:
    """A test of every overlay; the rule yields a line for all that is wrong, and how to repair it."""

    @pytest.mark.parametrize("overlay", OVERLAYS)
    @wraps(rule)
    def test(overlay: str) -> None:
        if problems := sorted(set(rule(render(overlay)))):
            pytest.fail("\n".join(problems), pytrace=False)

    return test


def credentials(variables: dict[str, str]) -> set[str]:
    """Of what kind the credentials are that variables give to a program."""
    kinds = {"API key": "TEMPORAL_API_KEY", "certificate": "TEMPORAL_TLS_CLIENT_CERT"}
    return {kind for kind, name in kinds.items() if any(v.startswith(name) for v in variables)}


def selects(selector: dict[str, str], labels: dict[str, str]) -> bool:
    """Whether all labels of a selector are there."""
    return selector.items() <= labels.items()
