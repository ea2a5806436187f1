"""The gates of a rendered project are green as it comes, whatever was answered."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import run
from tests.scenarios import SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_make_check_is_green(
    scenario: str, rendered: Callable[[str], Path], tools: dict[str, str], tmp_path: Path
) -> None:
    project = shutil.copytree(rendered(scenario), tmp_path / "project")

    run("make", "check", cwd=project, environment=tools)
