"""A copy takes at most 1.3 times what Copier needs for as many plain files."""

from pathlib import Path
from statistics import median

import pytest

from tests.bench.copies import Copy, templates

PAIRS = 21


def ratio(template: Path, other: Path, folder: Path) -> float:
    """How much more CPU time a copy of one template takes than of another.

    Both run at once, so that a machine which becomes slow, because others use it too, becomes so
    for both.
    """
    copies = Copy(template, folder / "copy"), Copy(other, folder / "other")
    ours, theirs = (copy.cost().cpu for copy in copies)
    return ours / theirs


@pytest.mark.e2e
def test_a_copy_is_about_as_fast_as_one_of_plain_files(tmp_path: Path) -> None:
    ours, synthetic = templates(tmp_path)

    ratios = [ratio(ours, synthetic, tmp_path) for _ in range(PAIRS)]

    assert median(ratios) <= 1.3, ratios
