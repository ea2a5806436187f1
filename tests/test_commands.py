"""docs/reference/commands.md has what `make help` says."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, run

PAGE = ROOT / "docs/reference/commands.md"


def table(folder: Path) -> str:
    """The commands that `make help` lists there."""
    listed = run("make", "--no-print-directory", "help", cwd=folder).stdout
    rows = re.findall(r"^  ([a-z0-9-]+) +(.+)$", listed, re.MULTILINE)
    assert len(rows) == len(listed.splitlines())
    lines = [f"| `make {name}` | {text.replace('|', '&#124;')} |" for name, text in rows]
    return "\n".join(["| command | does |", "| --- | --- |", *lines, ""])


def test_the_page_lists_the_commands(
    rendered: Callable[[str], Path], request: pytest.FixtureRequest
) -> None:
    head = PAGE.read_text("utf-8").partition("\n## ")[0]
    project, repository = table(rendered("defaults")), table(ROOT)
    page = f"{head}\n## In a project\n\n{project}\n## In this repository\n\n{repository}"
    if request.config.getoption("--write-golden"):
        PAGE.write_text(page, "utf-8")

    assert page == PAGE.read_text("utf-8")
