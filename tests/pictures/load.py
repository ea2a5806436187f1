"""Plots of the report of `make load`, as they are."""

from pathlib import Path

from tests.conftest import run
from tests.pictures.project import UV


def draw(project: Path) -> dict[str, bytes]:
    """Measure the worker of a domain."""
    run("make", "load", "WORKFLOW=order", f"UV={UV}", cwd=project)
    return {
        f"load-{plot}.svg": (project / f"build/load/{plot}.svg").read_bytes()
        for plot in ("throughput", "waits")
    }
