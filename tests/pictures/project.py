"""What is shown: this working tree as a release, and a project of it."""

import shutil
from functools import cache
from pathlib import Path

from copier import run_copy

from tests.conftest import ROOT, commit, release, run

BUILD = ROOT / "build/pictures"
UV = ROOT / ".venv/bin/uv"


@cache
def template() -> Path:
    """The template, in a folder of its name."""
    folder = BUILD / "copier-temporal"
    shutil.rmtree(folder, ignore_errors=True)
    return release(folder)


@cache
def project() -> Path:
    """A project with its environment."""
    folder = BUILD / "project"
    shutil.rmtree(folder, ignore_errors=True)
    run_copy(str(template()), folder, defaults=True, quiet=True)
    run("make", "setup", f"UV={UV}", cwd=folder)
    commit(folder)
    return folder
