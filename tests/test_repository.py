"""Rules for the files of this repository."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT, run

FILES = [
    ROOT / name
    for name in run(
        "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT
    ).stdout.split("\0")
    if name and (ROOT / name).is_file()
]
TEMPLATE = [path for path in FILES if path.is_relative_to(ROOT / "template")]
# Without the suffix our own git would obey it.
SUFFIX_WITHOUT_JINJA = {".gitignore.jinja"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", TEMPLATE, ids=name)
def test_a_template_reads_as_what_it_produces(path: Path) -> None:
    text = path.read_text("utf-8")
    has_jinja = re.search(r"(?<!\$)\{\{(?! \$| template )|\{%", text)  # not Go's own, or GitHub's
    if path.name.endswith(".py.jinja"):
        assert "{%" not in text
    if path.is_relative_to(ROOT / "template/project") and path.name not in SUFFIX_WITHOUT_JINJA:
        assert bool(has_jinja) == path.name.endswith(".jinja")


@pytest.mark.parametrize("path", TEMPLATE, ids=name)
def test_names_of_templates_are_short_and_legal_on_windows(path: Path) -> None:
    assert not re.search(r'["|<>:?*\\]', name(path))
    assert len(name(path)) <= 180, "Windows allows 260 with the temporary folder of the clone"
    for condition in re.findall(r"\{% if (.*?) %\}", name(path)):
        assert re.fullmatch(r"(not )?[a-z_.]+", condition), "a flag, computed in copier.yml"


@pytest.mark.parametrize("path", TEMPLATE, ids=name)
def test_a_folder_of_an_option_lies_at_the_top(path: Path) -> None:
    """Copier renders every part of a path up to the one that comes out empty, for every file."""
    below = path.relative_to(ROOT / "template").parts[2:-1]

    assert not [folder for folder in below if "{% if" in folder]


def test_every_file_of_a_recipe_is_rendered() -> None:
    table = (ROOT / "template/interview/files.jinja").read_text("utf-8")
    listed = set(re.findall(r"recipes/\{recipe\}/(\S+)\n", table))
    shipped = {
        file.name.removesuffix(".jinja")
        for file in TEMPLATE
        if file.is_relative_to(ROOT / "template/recipes") and file.suffix == ".jinja"
    }

    assert listed == shipped


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for path in FILES:
        if path.suffix != ".md" or path in TEMPLATE:
            continue
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{name(path)}: {target}"


def test_nothing_is_promised_for_later() -> None:
    promise = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    for path in (path for path in FILES if path.suffix != ".png"):
        assert not promise.search(path.read_text("utf-8")), name(path)
