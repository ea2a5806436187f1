"""What the API server would refuse: unknown fields, wrong types, kinds that do not exist."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from tests.test_deploy.manifests import KUBERNETES, OVERLAYS, Loader, Overlay, kubectl, policy

# The oldest version of a cluster, the newest that there are schemas of, and one between.
VERSIONS = ("1.30", "1.34", kubernetes_validate.latest_version())

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
        pytest.fail(f"{name}: kubectl kustomize: {done.stderr.strip()}", pytrace=False)


valid: set[str] = set()


@policy
def test_kubernetes_takes_every_object(overlay: Overlay) -> Iterator[str]:
    for manifest in [*overlay, *overlay.autoscalers]:
        form = json.dumps(shape(manifest), sort_keys=True)
        if is_custom(manifest) or form in valid:
            continue
        for version in VERSIONS:
            try:
                kubernetes_validate.validate(dict(manifest), version, strict=True)
            except kubernetes_validate.ValidationError as error:
                yield f"{manifest}: Kubernetes {version}: {error.json_path}: {error.message}"
            except kubernetes_validate.SchemaNotFoundError as error:
                yield f"{manifest}: {error.message} → correct apiVersion and kind"
        valid.add(form)


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
    """The schema of a custom resource."""
    group, version = manifest["apiVersion"].split("/")
    for file in folder.glob(f"{group}_*.yaml"):
        definition = yaml.load(file.read_text("utf-8"), Loader)["spec"]
        if definition["names"]["kind"] == manifest["kind"]:
            for each in definition["versions"]:
                if each["name"] == version:
                    return strict(each["schema"]["openAPIV3Schema"])
    return False  # which nothing meets


@pytest.mark.skipif(not CRD_SCHEMAS, reason="CRD_SCHEMAS names no folder of schemas")
@policy
def test_operators_take_every_custom_object(overlay: Overlay) -> Iterator[str]:
    schemas: dict[str, Any] = {}
    for manifest in filter(is_custom, [*overlay, *overlay.autoscalers]):
        kind = f"{manifest['apiVersion']} {manifest.kind}"
        if kind not in schemas:
            schemas[kind] = schema_of(manifest, Path(CRD_SCHEMAS or ""))
        # Of the metadata, the API server has a schema of its own.
        content = {key: value for key, value in manifest.items() if key != "metadata"}
        for error in jsonschema.Draft202012Validator(schemas[kind]).iter_errors(content):
            yield f"{manifest}: {kind}: {error.json_path}: {error.message}"
