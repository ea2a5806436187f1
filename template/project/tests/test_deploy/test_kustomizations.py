"""Every line of a kustomization does something: kubectl passes over those that do not."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from tests import findings
from tests.test_deploy.manifests import KUBERNETES, Image, Manifest
from tests.test_deploy.overlays import OVERLAYS, SMALLER, Loader, Overlay
from tests.test_deploy.policies import policy
from tests.test_deploy.selectors import selector_of, selects

NAME = "app.kubernetes.io/name"
UNJUDGED = {"Kustomization", "kustomization.yml"}
"""What kubectl takes as well, but nothing here reads."""


@findings.policy
def test_every_environment_is_judged() -> Iterator[str]:
    if not set(OVERLAYS) - SMALLER:
        yield "overlays: D1 none is held to what production needs → overlays/production"
    for name in SMALLER - set(OVERLAYS):
        yield f"overlays/{name}: it is not there → bring it back, or remove it from SMALLER in overlays.py"
    for file in KUBERNETES.rglob("*"):
        if file.name in UNJUDGED:
            place = file.relative_to(KUBERNETES).as_posix()
            yield f"{place}: D1 no policy reads a file of this name → kustomization.yaml"
    for file in KUBERNETES.glob("overlays/*/**/kustomization.yaml"):
        folder = file.parent.relative_to(KUBERNETES)
        if folder.parts[1] not in OVERLAYS:
            yield f"{folder.as_posix()}: D1 no policy finds it → overlays/{folder.parts[1]}/kustomization.yaml"


def kustomizations(overlay: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The kustomization files that an overlay may be made of, by their folder."""
    for file in sorted(KUBERNETES.glob("*/**/kustomization.yaml")):
        folder = file.parent.relative_to(KUBERNETES)
        if folder.parts[0] != "overlays" or folder.parts[1] == overlay:
            yield folder.as_posix(), yaml.load(file.read_text("utf-8"), Loader)


def hits(target: dict[str, str], manifest: Manifest) -> bool:
    """Whether a patch is for a manifest; what is added to its name later does not count."""
    return (
        re.fullmatch(target.get("kind", ".*"), manifest.kind) is not None
        and re.fullmatch(f"(.*-)?({target.get('name', '.*')})", manifest.name) is not None
        and selects(selector_of(target.get("labelSelector", "")), manifest.labels)
    )


@policy
def test_every_patch_hits_something(overlay: Overlay) -> Iterator[str]:
    for folder, content in kustomizations(overlay.name):
        name = folder.rpartition("/")[2]
        inside = [each for each in overlay if each.labels.get(NAME) == name] or overlay
        for patch in content.get("patches", []):
            target = patch.get("target")
            if target and not any(hits(target, manifest) for manifest in inside):
                yield (
                    f"{overlay.name}/Kustomization/{folder}: the patch of {target} hits nothing → correct "
                    "its target, or remove it"
                )


@policy
def test_every_number_of_replicas_counts(overlay: Overlay) -> Iterator[str]:
    numbered = [each for each in overlay if "replicas" in each.spec]
    for folder, content in kustomizations(overlay.name):
        for name in [each["name"] for each in content.get("replicas", [])]:
            if not any(hits({"name": name}, manifest) for manifest in numbered):
                yield (
                    f"{overlay.name}/Kustomization/{folder}: D7 {name} takes no number of replicas → the "
                    "minimum of its autoscaler, as kubernetes.md says"
                )


@policy
def test_every_image_is_run(overlay: Overlay) -> Iterator[str]:
    found = [
        (folder, image["name"], image.get("newName", image["name"]))
        for folder, content in kustomizations(overlay.name)
        for image in content.get("images", [])
    ]
    # What is run, and what another kustomization calls otherwise then.
    used = {Image.of(container).name for each in overlay.pods for container in each.containers}
    used |= {old for _, old, new in found if old != new and new in used}
    for folder, _, name in found:
        if name not in used:
            yield (
                f"{overlay.name}/Kustomization/{folder}: nothing runs the image {name} → correct its name, "
                "or remove it"
            )
