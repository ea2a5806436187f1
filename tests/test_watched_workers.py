"""A real Prometheus watches real workers under load: every rule is seen at work."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, UV, Render, run

pytestmark = pytest.mark.e2e


def prepare(folder: Path) -> Path:
    run("make", "setup", f"UV={UV}", cwd=folder)
    for name in ("watched_workers.py", "faulty_worker.py"):
        shutil.copy2(ROOT / "tests" / name, folder / "dev" / name)
    return folder


@pytest.fixture(scope="module")
def project(rendered: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("watched") / "project"
    shutil.copytree(rendered("defaults"), folder)
    return prepare(folder)


@pytest.mark.parametrize("drill", ["alerts", "runbooks"])
def test_alerts_fire_and_their_runbooks_work(drill: str, project: Path) -> None:
    output = run(".venv/bin/python", "-m", "dev.watched_workers", drill, cwd=project).stdout

    assert f"{drill}: " in output


def test_runbooks_of_workers_with_versions_work(render: Render, tmp_path: Path) -> None:
    folder = prepare(render(tmp_path / "project", rollout="versioned"))

    output = run(".venv/bin/python", "-m", "dev.watched_workers", "versions", cwd=folder).stdout

    assert "runbooks: " in output
