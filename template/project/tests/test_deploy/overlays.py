"""The overlays: all objects of each, rendered by kubectl, with what one of them means to another."""

import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.test_deploy.manifests import KUBERNETES, Image, Manifest

OVERLAYS = sorted(file.parent.name for file in KUBERNETES.glob("overlays/*/kustomization.yaml"))
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

SMALLER = {"development", "staging"}
"""The overlays that nobody depends on; every other one is held to what production needs."""

COMPONENT = "app.kubernetes.io/component"
PORTS = {"worker": "health", "api": "http", "codec-server": "http"}
"""What is judged: pods of these components, and the port at which each is asked."""

OURS = re.compile(r"\.(workers\.\w+_worker|(api|codec_server)\.app)\b")
UNKNOWN = "(by reference)"
"""A value of a Secret or of the pod itself."""

BOUNDS = {"idleReplicaCount", "maxReplicaCount", "maxReplicas"}
"""What else may keep an autoscaler from its minimum."""

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Overlay(list[Manifest]):
    """All objects of an overlay."""

    def __init__(self, name: str, documents: list[dict[str, Any]]) -> None:
        super().__init__(Manifest(name, document) for document in documents)
        self.name = name
        self.production = name not in SMALLER

    def of(self, *kinds: str) -> list[Manifest]:
        return [manifest for manifest in self if manifest.kind in kinds]

    @property
    def pods(self) -> list[Manifest]:
        """All that runs pods, of us or of others."""
        return [manifest for manifest in self if manifest.template]

    @property
    def workloads(self) -> list[Manifest]:
        """What is ours, and judged as such."""
        kinds = self.of("Deployment", "WorkerDeployment")
        return [each for each in kinds if each.labels.get(COMPONENT) in PORTS]

    @property
    def workers(self) -> list[Manifest]:
        return [each for each in self.workloads if each.labels[COMPONENT] == "worker"]

    @property
    def clients(self) -> list[Manifest]:
        """What connects to Temporal."""
        return [each for each in self.workloads if each.labels[COMPONENT] != "codec-server"]

    def runs_ours(self, container: dict[str, Any]) -> bool:
        """Whether a container runs a worker or the API: by what it says, or by what its image does."""
        said = [*container.get("command", []), *container.get("args", [])]
        if not said:
            return Image.of(container).name in {each.image.name for each in self.workloads}
        return any(OURS.search(word) for word in said)

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

    def scalers(self, workload: Manifest) -> list[Manifest]:
        """The autoscalers of a workload."""
        found = []
        for each in self.autoscalers:
            target = each.spec["scaleTargetRef"]
            if (target.get("kind", "Deployment"), target["name"]) == ("Deployment", workload.name):
                found.append(each)
        return found

    def replicas(self, workload: Manifest) -> int:
        """How many pods of a workload there are at least."""
        if scalers := self.scalers(workload):
            return min(map(least, scalers))
        return int(workload.spec.get("replicas", 1))

    def environment(self, workload: Manifest) -> dict[str, str]:
        """What the first container is told by ConfigMaps and by itself, which counts more."""
        maps = {each.name: each.get("data", {}) for each in self.of("ConfigMap")}
        variables: dict[str, str] = {}
        for source in workload.container.get("envFrom", []):
            texts = maps.get(source.get("configMapRef", {}).get("name"), {})
            variables |= {source.get("prefix", "") + name: text for name, text in texts.items()}
        for variable in workload.container.get("env", []):
            reference = variable.get("valueFrom", {})
            key = reference.get("configMapKeyRef", {})
            read = maps.get(key.get("name"), {}).get(key.get("key"), UNKNOWN)
            variables[variable["name"]] = read if reference else variable.get("value", "")
        return variables


def least(scaler: Manifest) -> int:
    """How many pods an autoscaler leaves at least, of either kind."""
    spec, annotations = scaler.spec, scaler["metadata"].get("annotations", {})
    numbers = [spec.get("minReplicas", spec.get("minReplicaCount", 0))]
    numbers += [spec[name] for name in BOUNDS & spec.keys()]
    numbers.append(annotations.get("autoscaling.keda.sh/paused-replicas", numbers[0]))
    return min(map(int, numbers))


def known(variables: dict[str, str]) -> dict[str, str]:
    """Variables as settings are called, without those of which only a cluster knows the value."""
    return {name.lower(): text for name, text in variables.items() if text != UNKNOWN}


@cache
def kubectl(folder: Path) -> subprocess.CompletedProcess[str]:
    """What kubectl makes of a folder."""
    command = ["kubectl", "kustomize", str(folder)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


@cache
def render(name: str) -> Overlay | None:
    """The objects of an overlay; a test tells of those that do not render."""
    done = kubectl(KUBERNETES / "overlays" / name)
    if done.returncode:
        return None
    documents = list(filter(None, yaml.load_all(done.stdout, Loader)))
    return Overlay(name, documents)


def has_tls(variables: dict[str, str]) -> bool:
    """Whether variables switch TLS on, without credentials: for the SDK, any text but two does."""
    return variables.get("TEMPORAL_TLS", "false").lower() not in {"0", "false"}


def credentials(variables: dict[str, str]) -> set[str]:
    """Of what kind the credentials are that variables give to a program."""
    kinds = {"API key": "TEMPORAL_API_KEY", "certificate": "TEMPORAL_TLS_CLIENT_CERT"}
    return {kind for kind, name in kinds.items() if any(v.startswith(name) for v in variables)}
