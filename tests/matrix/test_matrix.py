"""Each mutation turns its gate red, and all clean variants leave all static gates green.

`mutations/*.yml` hold the mutations: a mutation runs only the gate that it names, in one of a few
projects that all of them share. `clean/` holds modules of legitimate code and legitimate edits of
other files, which are added to it all at once.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, Render, run
from tests.scenarios import SCENARIOS

FOLDER = Path(__file__).parent
PAGE = ROOT / "docs/reference/gates.md"
PACKAGE = Path("src/my_temporal_service")
LAYERS = {
    "activities",
    "api",
    "client",
    "codec_server",
    "contracts",
    "gateways",
    "models",
    "runtime",
    "workers",
    "workflows",
}

# Every item of the checklists, every anti-pattern and every practice.
IDS = [
    *(f"C{number}" for number in range(1, 10)),
    *(f"D{number}" for number in range(1, 9)),
    *(f"M{number}" for number in range(1, 8)),
    *(f"T{number}" for number in range(1, 8)),
    *(f"RW{number}" for number in range(1, 10)),
    *(f"RA{number}" for number in range(1, 8)),
    *(f"RK{number}" for number in range(1, 7)),
    *(f"AP{number}" for number in range(1, 17)),
    *(f"P{number}" for number in range(1, 14)),
]


@dataclass(frozen=True)
class Mutation:
    """A violation of the rules behind `ids`; `says` is a pattern of what the gate prints of it."""

    name: str
    ids: list[str]
    gate: str
    says: str
    edits: list[dict[str, Any]]
    ci: str = "github"

    @property
    def project(self) -> str:
        """Which of the projects it is tried in."""
        return "manifests" if self.gate == "make check-manifests" else self.ci


MUTATIONS = [
    Mutation(**data)
    for file in sorted(FOLDER.glob("mutations/*.yml"))
    for data in yaml.safe_load(file.read_text("utf-8"))
]


def place(project: Path, name: str) -> Path:
    """The file that an edit means: one of a layer, or of the project."""
    return project / (PACKAGE / name if name.split("/", maxsplit=1)[0] in LAYERS else Path(name))


def apply(edit: dict[str, Any], file: Path) -> None:
    """Change a file, which is there unless it is new."""
    match edit:
        case {"find": old, "put": new}:
            text = file.read_text("utf-8")
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
            file.write_text(text.replace(old, new), "utf-8")
        case {"append": text}:
            file.write_text(file.read_text("utf-8") + text, "utf-8")
        case {"new": text}:
            assert not file.exists(), file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        case {"delete": True}:
            file.unlink()
        case _:
            raise AssertionError(f"an edit that is none: {edit}")


@contextmanager
def mutated(project: Path, mutation: Mutation) -> Iterator[None]:
    """The project with the edits of a mutation, which are taken back at the end."""
    files = [place(project, edit["file"]) for edit in mutation.edits]
    before = {file: file.read_bytes() if file.exists() else None for file in files}
    try:
        for edit, file in zip(mutation.edits, files, strict=True):
            apply(edit, file)
        yield
    finally:
        for file, content in before.items():
            if content is None:
                file.unlink()
            else:
                file.write_bytes(content)


@pytest.fixture(scope="module")
def projects(render: Render, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A project for each CI, and one of fewer domains, whose manifests take less time."""
    options = {"tracing": "true", "payload_encryption": "true"}
    options["alert_receivers"] = "[pagerduty, slack]"
    answers = SCENARIOS["api-of-all-recipes"] | options
    fewer = "order:saga, payment:retry, ingest:batch, session:entity"
    variants = {"github": {}, "gitlab": {"ci": "gitlab"}, "manifests": {"domains": fewer}}
    return {
        name: render(tmp_path_factory.mktemp(name), **(answers | variant))
        for name, variant in variants.items()
    }


@pytest.fixture(scope="module")
def project(projects: dict[str, Path]) -> Path:
    return projects["github"]


@pytest.fixture(scope="module")
def environment(tools: dict[str, str]) -> dict[str, str]:
    """What a gate runs with: one environment for all, in which a test that hangs is given up sooner."""
    python = Path(tools["UV_PROJECT_ENVIRONMENT"]) / "bin"
    path = f"{python}:{Path(sys.executable).parent}:/usr/bin:/bin"
    return tools | {"PATH": path, "PYTEST_ADDOPTS": "--timeout=30"}


def test_every_edit_fits(projects: dict[str, Path]) -> None:
    """Told in seconds: the gates take minutes."""
    for mutation in MUTATIONS:
        with mutated(projects[mutation.project], mutation):
            pass


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_turns_its_gate_red(
    mutation: Mutation, projects: dict[str, Path], environment: dict[str, str]
) -> None:
    project = projects[mutation.project]
    with mutated(project, mutation):
        done = run(*mutation.gate.split(), cwd=project, environment=environment, check=False)

    assert done.returncode, f"green: {done.stdout}"
    assert re.search(mutation.says, done.stdout), done.stdout


def test_clean_variants_are_green(
    project: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    folder = shutil.copytree(project, tmp_path / "project")
    variants = sorted((FOLDER / "clean").glob("*/*.py"))
    for variant in variants:
        shutil.copy(variant, folder / PACKAGE / variant.parent.name / variant.name)

    for file in sorted((FOLDER / "clean").glob("*.yml")):
        for edit in yaml.safe_load(file.read_text("utf-8")):
            apply(edit, folder / edit["file"])

    assert len(variants) >= 40
    run("make", "check", cwd=folder, environment=environment)


def test_clean_variants_of_gitlab_are_green(
    projects: dict[str, Path], environment: dict[str, str], tmp_path: Path
) -> None:
    folder = shutil.copytree(projects["gitlab"], tmp_path / "project")
    for edit in yaml.safe_load((FOLDER / "clean/gitlab/ci.yml").read_text("utf-8")):
        apply(edit, folder / edit["file"])

    run("make", "check-ci", cwd=folder, environment=environment)


def test_each_id_has_two_mutations() -> None:
    missing = {
        id_: names
        for id_ in IDS
        if len(names := [mutation.name for mutation in MUTATIONS if id_ in mutation.ids]) < 2
    }
    assert not missing


def test_the_page_lists_the_mutations(request: pytest.FixtureRequest) -> None:
    rows = [
        f"| {id_} | {mutation.name} | `{mutation.gate}` |"
        for id_ in IDS
        for mutation in MUTATIONS
        if id_ in mutation.ids
    ]
    before, _, _ = PAGE.read_text("utf-8").partition("| id | ")
    page = before + "\n".join(["| id | mutation | gate |", "| --- | --- | --- |", *rows]) + "\n"
    if request.config.getoption("--write-golden"):
        PAGE.write_text(page, "utf-8")

    assert page == PAGE.read_text("utf-8")


def test_the_checklist_names_the_gates_and_places(project: Path) -> None:
    text = (project / "CHECKLIST.md").read_text("utf-8")
    rows = re.findall(r"^\| ([A-Z]+\d+) \|.*?\|(.*?)\|(.*?)\|$", text, re.MULTILINE)
    named = {id_: set(re.findall(r"`(.+?)`", gates)) for id_, _, gates in rows}
    assert len(named) == 53

    for mutation in MUTATIONS:
        command = mutation.gate.split()
        gate = command[1] if command[0] == "make" else "test"
        for id_ in named.keys() & set(mutation.ids):
            assert gate == "check" or gate in named[id_], (id_, mutation.name)
    for _, places, _ in rows:
        for place_ in re.findall(r"`(.+?)`", places):
            assert (project / place_).exists(), place_
