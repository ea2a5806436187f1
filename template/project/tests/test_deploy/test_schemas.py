"""What the API server would refuse: unknown fields, wrong types and words, kinds that do not exist."""

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jsonschema
import kubernetes_validate
import pytest
import yaml

from tests.test_deploy.manifests import KUBERNETES, Manifest
from tests.test_deploy.overlays import OVERLAYS, Loader, Overlay, kubectl
from tests.test_deploy.policies import policy

# The oldest version of a cluster, the newest that there are schemas of, and one between.
VERSIONS = ("1.30", "1.34", kubernetes_validate.latest_version())

# Words of which the schemas say only that they are text.
WORDS = {
    "concurrencyPolicy": {"Allow", "Forbid", "Replace"},
    "effect": {"NoExecute", "NoSchedule", "PreferNoSchedule"},
    "imagePullPolicy": {"Always", "IfNotPresent"},  # `Never` is for nodes that have it already
    "medium": {"", "Memory"},
    "operator": {"DoesNotExist", "Equal", "Exists", "Gt", "In", "Lt", "NotIn"},
    "policyTypes": {"Egress", "Ingress"},
    "protocol": {"SCTP", "TCP", "UDP"},
    "restartPolicy": {"Always", "Never", "OnFailure"},
    "selectPolicy": {"Disabled", "Max", "Min"},
    "unhealthyPodEvictionPolicy": {"AlwaysAllow", "IfHealthyBudget"},
    "whenUnsatisfiable": {"DoNotSchedule", "ScheduleAnyway"},
}

# Schemas of custom resources, as files of the name <group>_<plural>.yaml.
CRD_SCHEMAS = os.environ.get("CRD_SCHEMAS")


def is_custom(manifest: dict[str, Any]) -> bool:
    """Whether the API group of a manifest is none of Kubernetes."""
    group, slash, _ = manifest["apiVersion"].partition("/")
    return bool(slash) and "." in group and not group.endswith(".k8s.io")


def shape(value: Any) -> Any:
    """A value without its texts and numbers: what differs in them only is validated once."""
    match value:
        case dict():
            kept = {"apiVersion", "kind"}
            return {key: item if key in kept else shape(item) for key, item in value.items()}
        case list():
            return [shape(item) for item in value]
        case _:
            return type(value).__name__


@pytest.mark.parametrize("name", OVERLAYS)
def test_it_renders(name: str) -> None:
    done = kubectl(KUBERNETES / "overlays" / name)

    if done.returncode:
        pytest.fail(f"{name}: kubectl kustomize: {done.stderr.strip()} → correct it", pytrace=False)


def pods_of_custom_objects(overlay: Overlay) -> Iterator[Manifest]:
    """Of a custom resource that has pods, the Deployment that its controller makes."""
    for each in filter(is_custom, overlay.pods):
        spec = {"selector": {"matchLabels": each.pod_labels}, "template": each.template}
        kind = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": each.name}}
        yield Manifest(overlay.name, kind | {"spec": spec})


valid: set[str] = set()


@pytest.fixture(autouse=True, scope="module")
def read_once() -> Iterator[None]:
    """Schemas are read once: `validate` reads all definitions of a version for each object."""
    read = kubernetes_validate.utils.schema_contents
    with patch.object(kubernetes_validate.utils, "schema_contents", cache(read)):
        yield


@policy
def test_kubernetes_takes_every_object(overlay: Overlay) -> Iterator[str]:
    for manifest in [*overlay, *overlay.autoscalers, *pods_of_custom_objects(overlay)]:
        form = json.dumps(shape(manifest), sort_keys=True)
        if is_custom(manifest) or form in valid:
            continue
        for version in VERSIONS:
            try:
                kubernetes_validate.validate(dict(manifest), version, strict=True)
            except kubernetes_validate.ValidationError as error:
                yield f"{manifest}: Kubernetes {version}: {error.json_path}: {error.message} → correct it"
            except kubernetes_validate.SchemaNotFoundError as error:
                yield f"{manifest}: {error.message} → correct apiVersion and kind"
        valid.add(form)


def words(value: Any) -> Iterator[tuple[str, str]]:
    """The fields below a value that hold text, each text with its field."""
    for field, below in value.items() if isinstance(value, dict) else ():
        if field in {"annotations", "labels", "matchLabels"}:
            continue  # whose names are anybody's
        for each in below if isinstance(below, list) else [below]:
            if isinstance(each, str):
                yield field, each
            else:
                yield from words(each)


@policy
def test_kubernetes_knows_every_word(overlay: Overlay) -> Iterator[str]:
    others = overlay.of("NetworkPolicy", "PodDisruptionBudget", "Service")
    for manifest in [*overlay.pods, *overlay.autoscalers, *others]:
        for field, word in words(manifest):
            if word not in WORDS.get(field, {word}):
                yield f"{manifest}: {field} is {word} → one of {', '.join(sorted(WORDS[field]))}"


def strict(schema: Any) -> Any:
    """A schema that takes no unknown field, as the API server does."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strict(value) for key, value in schema.items()}
    free = {"additionalProperties", "x-kubernetes-preserve-unknown-fields"}
    if isinstance(schema.get("properties"), dict) and not free & schema.keys():
        closed["additionalProperties"] = False
    return closed


def schema_of(manifest: dict[str, Any], folder: Path) -> Any:
    """The schema of a custom resource, if the folder has it."""
    group, version = manifest["apiVersion"].split("/")
    for file in folder.glob(f"{group}_*.yaml"):
        definition = yaml.load(file.read_text("utf-8"), Loader)["spec"]
        if definition["names"]["kind"] == manifest["kind"]:
            for each in definition["versions"]:
                if each["name"] == version:
                    return strict(each["schema"]["openAPIV3Schema"])
    return None


@pytest.mark.skipif(not CRD_SCHEMAS, reason="CRD_SCHEMAS names no folder of schemas")
@policy
def test_operators_take_every_custom_object(overlay: Overlay) -> Iterator[str]:
    schemas: dict[str, Any] = {}
    for manifest in filter(is_custom, [*overlay, *overlay.autoscalers]):
        kind = f"{manifest['apiVersion']} {manifest.kind}"
        if kind not in schemas:
            schemas[kind] = schema_of(manifest, Path(CRD_SCHEMAS or ""))
        if schemas[kind] is None:
            yield (
                f"{manifest}: CRD_SCHEMAS has no schema of {kind} → correct apiVersion and kind, or put its "
                "definition there as <group>_<plural>.yaml"
            )
            continue
        # Of the metadata, the API server has a schema of its own.
        content = {key: value for key, value in manifest.items() if key != "metadata"}
        for error in jsonschema.Draft202012Validator(schemas[kind]).iter_errors(content):
            yield f"{manifest}: {kind}: {error.json_path}: {error.message} → correct it"
