"""What happens to real workers in operation: they are stopped, cut off and replaced under load."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, UV, run

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def project(rendered: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("operated") / "project"
    shutil.copytree(rendered("defaults"), folder)
    run("make", "setup", f"UV={UV}", cwd=folder)
    shutil.copy2(ROOT / "tests/operated_workers.py", folder / "dev/operated_workers.py")
    return folder


@pytest.mark.parametrize("drill", ["drain", "force", "outage", "rolling"])
def test_workers_survive(drill: str, project: Path) -> None:
    output = run(".venv/bin/python", "-m", "dev.operated_workers", drill, cwd=project).stdout

    assert f"{drill}: " in output
