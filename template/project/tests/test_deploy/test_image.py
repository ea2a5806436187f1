"""The images: one for each deployment, run by compose.yaml as they run in production."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from dev.stack import modules

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
STAGES: dict[str, str] = dict(
    re.findall(
        r"^FROM \S+ AS (\S+)\n(.*?)(?=^FROM|\Z)",
        (ROOT / "Dockerfile").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
)


def deployment(module: str) -> str:
    """The name under which a program is deployed; its image ends in it."""
    *_, kind, name = module.split(".")
    return name.replace("_", "-") if kind == "workers" else kind


DEPLOYMENTS = {deployment(module): module for module in modules()}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_each_deployment_has_an_image_that_runs_it(name: str) -> None:
    command = re.search(r"^CMD (\[.*\])$", STAGES[name], re.MULTILINE)

    assert command
    assert json.loads(command[1]) == [DEPLOYMENTS[name]]
    assert SERVICES[name]["build"]["target"] == name


def test_no_image_runs_as_root() -> None:
    user = re.compile(r"^USER (.*)$", re.MULTILINE)
    users = {name: found for name, stage in STAGES.items() if (found := user.findall(stage))}

    assert users == {"runtime": ["10001"]}


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_do_no_more_than_in_production(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "build" in service or "@sha256:" in service["image"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_port_is_published_on_loopback_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))
