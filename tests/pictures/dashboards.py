"""The dashboards, by what a real Prometheus saw of real workers."""

import shutil
from pathlib import Path

from tests.conftest import ROOT, run
from tests.pictures.project import UV

INSIDE = ("faulty_worker.py", "watched_workers.py", "pictures/panels.py")


def draw(project: Path) -> dict[str, bytes]:
    """Watch workers for two minutes; the project is of no other use afterwards."""
    for name in INSIDE:
        shutil.copy(ROOT / "tests" / name, project / "dev")
    run(".venv/bin/python", "-m", "dev.watched_workers", "alerts", cwd=project)
    matplotlib = ("--with", "matplotlib>=3.10,<4")
    run(UV, "run", *matplotlib, "python", "-m", "dev.panels", "build", cwd=project)
    return {file.name: file.read_bytes() for file in (project / "build").glob("dashboard-*.png")}
