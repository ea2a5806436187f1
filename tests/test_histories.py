"""The histories that the recipes ship match what their code does today."""

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.histories import essence, record

RECIPES = ROOT / "template/recipes"
SHIPPED = sorted(
    path.relative_to(RECIPES).as_posix() for path in RECIPES.glob("*/histories/*.json")
)


@pytest.fixture(scope="module")
def recorded(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return record(template, tmp_path_factory.mktemp("histories"))


def test_every_sample_has_a_history(recorded: dict[str, str]) -> None:
    assert sorted(recorded) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_history_is_what_the_code_does(name: str, recorded: dict[str, str]) -> None:
    shipped = (RECIPES / name).read_text("utf-8")

    assert essence(shipped) == essence(recorded[name])


@pytest.mark.parametrize("name", SHIPPED)
def test_a_history_tells_nothing_about_the_machine(name: str) -> None:
    text = (RECIPES / name).read_text("utf-8")

    for private in ("identity", "stackTrace", ".py", "/home", "/tmp", "binaryChecksum"):
        assert private not in text


@pytest.mark.parametrize("name", SHIPPED)
def test_the_reference_tells_the_length_of_a_history(name: str) -> None:
    recipe, _, file = name.split("/")
    sample = file.removesuffix(".json").partition("-")[2]
    events = json.loads((RECIPES / name).read_text("utf-8"))["events"]
    page = (ROOT / "docs/reference/recipes.md").read_text("utf-8")

    assert f"| `{recipe}` | {sample} | {len(events)} |" in page
