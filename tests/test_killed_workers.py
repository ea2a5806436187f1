"""Work goes on after every worker was killed in the middle of it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, UV, run

pytestmark = pytest.mark.e2e


def test_every_workflow_survives_the_kill_of_its_worker(
    rendered: Callable[[str], Path], tmp_path: Path
) -> None:
    project = shutil.copytree(rendered("all-recipes"), tmp_path / "project")
    run("make", "setup", f"UV={UV}", cwd=project)
    shutil.copy2(ROOT / "tests/killed_workers.py", project / "dev/killed_workers.py")

    output = run(".venv/bin/python", "-m", "dev.killed_workers", cwd=project).stdout

    assert output.count(" s after the kill") == len(list(project.glob("src/*/workers/*_worker.py")))
    assert "A workflow held in memory went on" in output
