"""A copy takes at most 1.3 times what Copier needs for as many plain files."""

import resource
import shutil
import sys
from pathlib import Path

import pytest

from tests.conftest import commit, release, run

COPIER = Path(sys.executable).with_name("copier")
PAIRS = 12


def cpu_seconds() -> float:
    """What all ended child processes, and theirs, have cost so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def cost(template: Path, destination: Path) -> float:
    """CPU seconds of a copy as a user starts it, the start of Copier and its git included."""
    start = cpu_seconds()
    run(
        *(COPIER, "copy", "--quiet", "--defaults", "--vcs-ref", "HEAD", template, destination),
        cwd=destination.parent,
    )
    shutil.rmtree(destination)
    return cpu_seconds() - start


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

    pairs = [
        (cost(ours, tmp_path / "copy"), cost(synthetic, tmp_path / "copy")) for _ in range(PAIRS)
    ]

    # Other programs on the machine only ever add to a figure: the smallest is the one of the copy.
    least, plain_least = (min(costs) for costs in zip(*pairs, strict=True))
    assert least <= 1.3 * plain_least, pairs
