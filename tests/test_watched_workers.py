"""A real Prometheus watches real workers under load: every rule is seen at work."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, UV, run

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def project(rendered: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("watched") / "project"
    shutil.copytree(rendered("defaults"), folder)
    run("make", "setup", f"UV={UV}", cwd=folder)
    for name in ("watched_workers.py", "faulty_worker.py"):
        shutil.copy2(ROOT / "tests" / name, folder / "dev" / name)
    return folder


@pytest.mark.parametrize("drill", ["alerts", "runbooks"])
def test_alerts_fire_and_their_runbooks_work(drill: str, project: Path) -> None:
    output = run(".venv/bin/python", "-m", "dev.watched_workers", drill, cwd=project).stdout

    assert f"{drill}: " in output
