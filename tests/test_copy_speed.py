"""A copy takes at most 1.3 times what Copier needs for as many plain files."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pytest

from tests.bench.copies import Copy, templates

PAIRS = 11
MEMORY = Path("/dev/shm")  # of Linux


def ratio(template: Path, other: Path, folder: Path) -> float:
    """How much more CPU time a copy of one template takes than of another.

    Both run at once, so that a machine which becomes slow, because others use it too, becomes so
    for both.
    """
    copies = Copy(template, folder / "copy"), Copy(other, folder / "other")
    ours, theirs = (copy.cost().cpu for copy in copies)
    return ours / theirs


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for everything, Copier's clones included: in memory where that can be.

    On a disk that is old and full, the kernel takes six times as long for a new file as on another.
    """
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else tmp_path) as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


@pytest.mark.alone
@pytest.mark.e2e
def test_a_copy_is_about_as_fast_as_one_of_plain_files(folder: Path) -> None:
    ours, synthetic = templates(folder)

    ratios = [ratio(ours, synthetic, folder) for _ in range(PAIRS)]

    assert median(ratios) <= 1.3, ratios
