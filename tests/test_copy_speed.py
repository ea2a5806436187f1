"""A copy takes at most 1.3 times what Copier needs for as many plain files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from tests.conftest import commit, release, run

COPIER = Path(sys.executable).with_name("copier")
PAIRS = 21


def ratio(template: Path, other: Path, folder: Path) -> float:
    """How much more CPU time a copy of one template takes than of another, as a user starts it.

    Start of Copier and its git included. Both run at once, so that a machine which becomes slow,
    because others use it too, becomes so for both.
    """
    command: list[str | Path] = [COPIER, "copy", "--quiet", "--defaults", "--vcs-ref", "HEAD"]
    destinations = [folder / "copy", folder / "other"]
    copies = [
        subprocess.Popen([*command, source, destination], stderr=subprocess.DEVNULL)
        for source, destination in zip((template, other), destinations, strict=True)
    ]
    costs = []
    for copy, destination in zip(copies, destinations, strict=True):
        _, copy.returncode, usage = os.wait4(copy.pid, 0)
        assert copy.returncode == 0
        costs.append(usage.ru_utime + usage.ru_stime)
        shutil.rmtree(destination)
    return costs[0] / costs[1]


def plain(template: Path, project: Path) -> Path:
    """A template of the files of a rendered project, without a variable in them."""
    shutil.copytree(project, template / "project")
    (template / "copier.yml").write_text("_subdirectory: project\nname: {type: str, default: x}\n")
    commit(template)
    return template


@pytest.mark.e2e
def test_a_copy_is_about_as_fast_as_one_of_plain_files(tmp_path: Path) -> None:
    ours = release(tmp_path / "ours")
    run(
        *(COPIER, "copy", "--quiet", "--defaults", "--vcs-ref", "HEAD", ours, "project"),
        cwd=tmp_path,
    )
    synthetic = plain(tmp_path / "plain", tmp_path / "project")
    for template in (ours, synthetic):
        run("git", "gc", "--quiet", cwd=template)  # objects in packs, as in a clone

    ratios = [ratio(ours, synthetic, tmp_path) for _ in range(PAIRS)]

    assert median(ratios) <= 1.3, ratios
