"""A secret in a project turns `make check-secrets` red, and is not repeated."""

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.conftest import run

TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"  # of nobody


def test_a_secret_is_found_but_not_repeated(
    rendered: Callable[[str], Path], tools: dict[str, str], tmp_path: Path
) -> None:
    project = shutil.copytree(rendered("defaults"), tmp_path / "project")
    run("make", "check-secrets", cwd=project, environment=tools)
    settings = project / "deploy/kubernetes/overlays/staging/settings.env"
    settings.write_text(f"{settings.read_text('utf-8')}TOKEN={TOKEN}\n", "utf-8")

    done = run("make", "check-secrets", cwd=project, environment=tools, check=False)

    assert done.returncode
    assert "overlays/staging/settings.env" in done.stdout
    assert TOKEN not in done.stdout
