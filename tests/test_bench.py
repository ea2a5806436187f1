"""`make bench` works from end to end, on a size that says nothing about speed."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.bench.__main__ import PAGE, parts
from tests.bench.page import BEGIN, END
from tests.conftest import ROOT, commit, run

BLOCK = re.compile(rf"{BEGIN.format('([a-z.]+)')}\n(.*?){END}", re.DOTALL)


def blocks(page: Path) -> dict[str, str]:
    """What stands between the comments, by name."""
    return dict(BLOCK.findall(page.read_text("utf-8")))


def peer(folder: Path) -> Path:
    """A folder with the clone of another template, which asks something."""
    (folder / "other").mkdir(parents=True)
    (folder / "other/copier.yml").write_text("name: {type: str}\n_exclude: [copier.yml, .git]\n")
    (folder / "other/{{ name }}.txt").touch()
    (folder / "other.yml").write_text("name: answered\n")
    commit(folder / "other")
    return folder


def test_the_page_has_numbers_of_every_part() -> None:
    found = blocks(PAGE)

    assert {name.split(".")[0] for name in found} == parts(Path()).keys()
    for name, text in found.items():
        assert re.search(r"\d", text), name


@pytest.mark.alone
@pytest.mark.e2e
def test_every_table_is_measured_anew(tmp_path: Path) -> None:
    page = Path(shutil.copy2(PAGE, tmp_path))
    emptied = BLOCK.sub(BEGIN.format(r"\1") + f"\n{END}", page.read_text("utf-8"))
    page.write_text(emptied, "utf-8")
    options = ("--tiny", "--folder", tmp_path / "results", "--page", page)
    environment = {"PEERS": str(peer(tmp_path / "peers"))}

    output = run(
        sys.executable, "-m", "tests.bench", *options, cwd=ROOT, environment=environment
    ).stdout

    assert f"The tables are in {page}" in output
    assert blocks(page).keys() == blocks(PAGE).keys()
    assert all(re.search(r"\d", text) for text in blocks(page).values())
    assert "| other | 1 |" in blocks(page)["generation.copies"]
    for part in parts(Path()):
        assert json.loads((tmp_path / f"results/{part}.json").read_text("utf-8"))["found"]


def test_an_unknown_part_is_named_with_those_that_there_are() -> None:
    done = run("make", "bench", "PART=speed", cwd=ROOT, check=False)

    assert done.returncode
    assert "Parts: generation, worker, tuning, start, replay" in done.stdout


def test_pairs_are_refused_where_they_would_not_count() -> None:
    done = run("make", "bench", "PART=start", "PAIRS=3", cwd=ROOT, check=False)

    assert done.returncode
    assert "PAIRS is for the parts worker and tuning: start runs none" in done.stdout
