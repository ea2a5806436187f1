"""The manifests as they reach a cluster, and what belongs together in one."""

from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

KUBERNETES = Path(__file__).parents[2] / "deploy" / "kubernetes"


class Image(NamedTuple):
    """What an image is called, and which one it is."""

    name: str
    tag: str
    digest: str

    @classmethod
    def of(cls, container: dict[str, Any]) -> "Image":
        reference, _, digest = container.get("image", "").partition("@")
        registry, slash, rest = reference.rpartition("/")
        name, _, tag = rest.partition(":")
        return cls(registry + slash + name, tag, digest)


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
    def template(self) -> dict[str, Any]:
        """What its pods are made of; empty if it has none."""
        template: dict[str, Any]
        match self.kind:
            case "Pod":
                template = self
            case "CronJob":
                template = self.spec["jobTemplate"]["spec"]["template"]
            case _:
                template = self.spec.get("template") or {}
        return template if "containers" in template.get("spec", {}) else {}

    @property
    def pod(self) -> dict[str, Any]:
        spec: dict[str, Any] = self.template["spec"]
        return spec

    @property
    def pod_labels(self) -> dict[str, str]:
        labels: dict[str, str] = self.template.get("metadata", {}).get("labels", {})
        return labels

    @property
    def ports(self) -> dict[str, int]:
        """The ports of the first container that have names."""
        ports = self.container.get("ports", [])
        return {port["name"]: port["containerPort"] for port in ports if "name" in port}

    @property
    def container(self) -> dict[str, Any]:
        """The first container of a workload; a test says that it is the only one."""
        container: dict[str, Any] = self.pod["containers"][0]
        return container

    @property
    def containers(self) -> list[dict[str, Any]]:
        """All containers of a workload, those that run before the first included."""
        return [*self.pod["containers"], *self.pod.get("initContainers", [])]

    def volume_of(self, file: str) -> str | None:
        """The kind of volume that a file of the first container lies in."""
        parents = {str(each) for each in PurePosixPath(file).parents}
        for mount in self.container.get("volumeMounts", []):
            if mount["mountPath"] in parents:
                for volume in self.pod.get("volumes", []):
                    if volume["name"] == mount["name"]:
                        return " ".join(volume.keys() - {"name"})
        return None

    @property
    def image(self) -> Image:
        return Image.of(self.container)
