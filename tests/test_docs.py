"""The documentation as `make docs` builds it, and what makes that fail."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, run

PROPERDOCS = Path(sys.executable).with_name("properdocs")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What the documentation is built from, to be changed."""
    for folder in ("docs", "tests"):
        (tmp_path / folder).mkdir()
    shutil.copytree(ROOT / "docs", tmp_path / "docs", dirs_exist_ok=True)
    for file in ("properdocs.yml", "tests/docs_site.py"):
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def build(folder: Path, *, check: bool = True, repository: str = "") -> str:
    """Build the documentation; what is wrong with it, if it may be wrong."""
    command = (PROPERDOCS, "build")
    environment = {"REPOSITORY": repository}
    done = run(*command, cwd=folder, environment=environment, check=check)
    assert check or done.returncode
    return done.stdout


@pytest.mark.parametrize(
    ("page", "link", "says"),
    [
        ("how-to/tune-a-worker.md", "[gone](gone.md)", "'gone.md', but the target"),
        ("how-to/tune-a-worker.md", "[gone](run-ci.md#gone)", "does not contain an anchor '#gone'"),
        ("how-to/tune-a-worker.md", "[gone](#gone)", "there is no such anchor"),
        ("how-to/tune-a-worker.md", "![gone](../pictures/gone.png)", "gone.png', but the target"),
        ("how-to/alone.md", "# Nobody links here", 'not included in the "nav"'),
        ("index.md", "[gone](how-to/gone.md)", "'how-to/gone.md'"),
    ],
)
def test_a_link_or_page_that_leads_nowhere_fails(
    copy: Path, page: str, link: str, says: str
) -> None:
    with (copy / "docs" / page).open("a") as file:
        file.write(f"\n{link}\n")

    assert says in build(copy, check=False)


def test_a_link_out_of_the_documentation_leads_to_the_forge_or_the_file(copy: Path) -> None:
    page = copy / "build/docs/how-to/adopt-a-project.html"

    build(copy)
    links = set(re.findall('href="([^"]*tests/adopted/after)"', page.read_text("utf-8")))
    assert {(page.parent / link).resolve() for link in links} == {copy / "tests/adopted/after"}

    build(copy, repository="https://git.example.com/me/it")
    assert "https://git.example.com/me/it/blob/HEAD/tests/adopted/after" in page.read_text("utf-8")


def test_the_documentation_is_read_without_a_network(copy: Path) -> None:
    build(copy)

    for page in (copy / "build/docs").rglob("*.html"):
        loaded = re.findall(r'<(?:script|img)[^>]*src="([^"]+)"', page.read_text("utf-8"))
        loaded += re.findall(r'<link[^>]*href="([^"]+)"', page.read_text("utf-8"))
        assert not [each for each in loaded if "//" in each], page
