"""A copy takes at most 1.3 times what Copier needs for as many plain files."""

import shutil
import statistics
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import commit, release, run

COPIER = Path(sys.executable).with_name("copier")
PAIRS = 5


def seconds(template: Path, destination: Path) -> float:
    """How long a copy takes as a user starts it, the start of Copier included."""
    start = time.perf_counter()
    run(
        *(COPIER, "copy", "--quiet", "--defaults", "--vcs-ref", "HEAD", template, destination),
        cwd=destination.parent,
    )
    elapsed = time.perf_counter() - start
    shutil.rmtree(destination)
    return elapsed


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

    ratios = [
        seconds(ours, tmp_path / "copy") / seconds(synthetic, tmp_path / "copy")
        for _ in range(PAIRS)
    ]

    assert statistics.median(ratios) <= 1.3, ratios
