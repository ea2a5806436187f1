"""The container that editors open has the Python and uv of the images, and shows what `make dev` starts."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dev.layout import ROOT
from dev.stack import Ports
from tests.test_deploy.test_image import STAGES, lineage

FILE = ROOT / ".devcontainer" / "devcontainer.json"
CONTAINER: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
BUILD: dict[str, str] = CONTAINER["build"]
TARGET = BUILD["target"]


def path(name: str) -> Path:
    """What the file names, from where it lies."""
    return (FILE.parent / BUILD[name]).resolve()


def test_it_is_a_stage_of_the_dockerfile() -> None:
    assert path("dockerfile") == ROOT / "Dockerfile"
    assert path("context") == ROOT
    assert TARGET in STAGES


def test_it_has_the_python_of_the_images() -> None:
    images = {[*lineage(stage)][-1].parent for stage in (TARGET, "build", "runtime")}

    assert len(images) == 1, "→ FROM base, as the others do"


@pytest.mark.parametrize("stage", [TARGET, "build"])
def test_it_has_the_uv_of_the_images(stage: str) -> None:
    copied = STAGES[stage].all("COPY")

    assert any(text.startswith("--from=uv /uv ") for text in copied), "→ COPY --from=uv /uv ..."


def test_its_user_is_made() -> None:
    made = re.findall(r"useradd --uid (\d+) .* (\w+)$", " ".join(STAGES[TARGET].all("RUN")))

    assert made == [(*STAGES[TARGET].all("USER"), CONTAINER["remoteUser"])]


def test_it_installs_the_environment() -> None:
    assert CONTAINER["postCreateCommand"] == "make setup"


def test_it_forwards_what_make_dev_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TEMPORAL_ADDRESS", *(f"{part.upper()}_PORT" for part in Ports._fields)):
        monkeypatch.delenv(name, raising=False)
    ports = set(Ports.chosen().needed().values())

    assert set(CONTAINER["forwardPorts"]) == ports
    assert CONTAINER["portsAttributes"].keys() == {str(port) for port in ports}
    assert all(about["label"] for about in CONTAINER["portsAttributes"].values())


def test_it_recommends_what_the_folder_does() -> None:
    recommended = json.loads((ROOT / ".vscode" / "extensions.json").read_text("utf-8"))
    extensions = CONTAINER["customizations"]["vscode"]["extensions"]

    assert extensions == recommended["recommendations"]
