"""What a copy of the template costs: beside others, as it grows, and until the tests are green."""

import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench.copies import COPY, Copy, templates
from tests.bench.size import Size
from tests.conftest import UV, commit, run

RECIPES = ("saga", "simple")  # those of the default project

Found = dict[str, Any]


def measure(size: Size) -> Found:
    """Everything about copies."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, synthetic = templates(folder)
        compared = {"one file": one_file(folder / "one"), "plain files": synthetic, "ours": ours}
        compared |= peers()
        return {
            "copies": side_by_side(compared, size.copies, folder),
            "growth": growth(ours, size, folder),
            "green": until_green(ours, size, folder / "green"),
        }


def one_file(template: Path) -> Path:
    """The least that there is: start and end of Copier."""
    (template / "project").mkdir(parents=True)
    (template / "project/README.md").write_text("One file.\n")
    (template / "copier.yml").write_text("_subdirectory: project\nname: {type: str, default: x}\n")
    commit(template)
    return template


def peers() -> dict[str, Path]:
    """Other templates, by the names of their clones in the folder that PEERS names."""
    if not (folder := os.environ.get("PEERS")):
        return {}
    return {each.name: each.absolute() for each in sorted(Path(folder).iterdir()) if each.is_dir()}


def options(template: Path) -> Iterator[str | Path]:
    """What a peer needs: no program of it runs, and its answers may stand in a file beside it."""
    yield "--skip-tasks"
    answers = template.parent / f"{template.name}.yml"
    if answers.exists():
        yield from ("--data-file", answers)


def side_by_side(templates: Mapping[str, Path], rounds: int, folder: Path) -> Found:
    """Copies of each, one after another, round by round."""
    found: Found = {name: [] for name in templates}
    for turn in range(rounds):
        for name in list(templates)[:: -1 if turn % 2 else 1]:
            template = templates[name]
            cost = Copy(template, folder / "copy", *options(template)).cost()
            found[name].append(cost._asdict())
            print(f"copy {turn + 1} of {rounds}: {name}: {cost.wall:.2f} s", flush=True)
    return found


def growth(template: Path, size: Size, folder: Path) -> dict[int, list[Found]]:
    """Copies with more and more domains."""
    domains = {
        number: "domains="
        + ", ".join(
            f"domain_{n}:{recipe}"
            for n, recipe in zip(range(number), itertools.cycle(RECIPES), strict=False)
        )
        for number in size.domains
    }
    found: dict[int, list[Found]] = {number: [] for number in domains}
    for turn in range(size.growth):
        for number, option in domains.items():
            cost = Copy(template, folder / "copy", "--data", option).cost()
            found[number].append(cost._asdict())
            print(
                f"growth {turn + 1} of {size.growth}: {number} domains: {cost.wall:.1f} s",
                flush=True,
            )
    return found


def until_green(template: Path, size: Size, project: Path) -> dict[str, float]:
    """Seconds of each step from the copy to green tests, as a user takes them."""
    uv = f"UV={UV}"
    steps: dict[str, Callable[[], object]] = {
        "copy": lambda: run(*COPY, template, project, cwd=template),
        "setup": lambda: run("make", "setup", uv, cwd=project),
        "test": lambda: run(*size.green, uv, cwd=project),
    }
    found = {}
    for name, step in steps.items():
        began = time.perf_counter()
        step()
        found[name] = time.perf_counter() - began
        print(f"until green: {name}: {found[name]:.1f} s", flush=True)
    return found
