"""The pictures of the documentation are there, used, and show what is."""

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT, edit
from tests.pictures.sources import FOLDER, PICTURES, PROJECT, problems

ITEM = "| C1 | Workflows orchestrate only |"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What pictures show, and where they are shown, to be changed."""
    for folder in ("docs", "template"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for file in ("README.md", "copier.yml"):
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def test_the_pictures_are_present_and_current() -> None:
    assert not list(problems(ROOT))


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("copier.yml", "What is the project called?", "Its name?", "interview.svg"),
        ("copier.yml", "default: My Temporal Service", "default: My Service", "interview.svg"),
        (f"{PROJECT}/CHECKLIST.md.jinja", ITEM, ITEM.replace("only", "and more"), "checklist.svg"),
        (f"{PROJECT}/dev/checklist.py", '"off": 90', '"off": 34', "checklist.svg"),
        (f"{PROJECT}/tests/load/report.py", "Workflows a second", "Rate", "load-throughput.svg"),
        (
            "template/recipes/saga/histories/0.1.0-completed.json",
            '"name": "reserve_stock"',
            '"name": "reserve"',
            "saga-completed.png",
        ),
    ],
)
def test_a_picture_of_what_has_changed_is_found(
    copy: Path, file: str, old: str, new: str, says: str
) -> None:
    edit(copy / file, old, new)

    found = [problem for problem in problems(copy) if problem.startswith(says)]
    assert found == [f"{says} shows what is no more: make pictures PART={PICTURES[says].part}"]


def test_a_changed_dashboard_is_found(copy: Path) -> None:
    [file] = (copy / PROJECT).rglob("worker.json.jinja")
    file.write_text(file.read_text("utf-8").replace('"title": "', '"title": "My ', 1), "utf-8")

    again = "make pictures PART=dashboards"
    assert list(problems(copy)) == [f"dashboard-worker.png shows what is no more: {again}"]


def test_a_picture_that_is_missing_unknown_unused_or_unfit_is_found(copy: Path) -> None:
    folder = copy / FOLDER
    (folder / "interview.svg").unlink()
    (folder / "old.svg").touch()
    for page in [copy / "README.md", *(copy / "docs").rglob("*.md")]:
        page.write_text(re.sub(r"!(?=\[[^\]]+\]\([^)]*load-waits)", "", page.read_text("utf-8")))
    with (folder / "checklist.svg").open("a") as file:
        file.write('<image href="https://example.com/a.png"/>')
    with (folder / "saga-completed.png").open("ab") as file:
        file.write(bytes(250_000))

    found = "\n".join(problems(copy))
    assert "interview.svg is missing: make pictures PART=interview" in found
    assert "old.svg is no picture" in found
    assert "load-waits.svg is on no page" in found
    assert 'checklist.svg has href=", which' in found
    assert "saga-completed.png has " in found
    assert len(found.splitlines()) == 5
