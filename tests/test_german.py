"""The pages of docs/de say what their English ones do, section by section; `make german` says which do not.

A section of a German page begins with a comment: the English heading, and a digest of the English section.
Quotes (`>`) in a German page are about the translation itself. The tools for catalogues of messages would build
the page from one; here it is a page that people write and read.
"""

import hashlib
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT

# What is rendered is that of a project with the default answers.
ENGLISH = {
    "docs/de/README.md": "README.md",
    "docs/de/checklist.md": "template/project/CHECKLIST.md.jinja",
    "docs/de/code-review.md": "template/project/docs/how-to/review-a-change.md.jinja",
}

BLOCK = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r" +# .*")  # in a block of commands
ENTRY = re.compile(r"^ *(?:[-|]|\d+\.) .*(?:\n +\S.*)*", re.MULTILINE)  # of a table or a list
CODE = re.compile(r"`([^`]+)`")
ITEM = re.compile(r"\b(?:C|D|M|T|RW|RA|RK)\d+\b")
LINK = re.compile(r"\]\(([^)]+)\)")

Rendered = Callable[[str], Path]
each_page = pytest.mark.parametrize("page", ENGLISH)


class Section(NamedTuple):
    """A heading with what stands below it, up to the next one."""

    level: int
    heading: str
    text: str

    def note(self) -> str:
        """The comment of its translation; where lines are broken does not count."""
        said = " ".join([self.heading, *self.text.split()])
        return f"<!-- {self.heading}: {hashlib.sha256(said.encode()).hexdigest()[:8]} -->"


def sections(page: str) -> list[Section]:
    """The sections of a page; what looks like a heading within a block of code is none."""
    hidden = BLOCK.sub(lambda block: re.sub("^#", "\0", block[0], flags=re.MULTILINE), page)
    parts = re.split(r"^(#+) (.+)\n", hidden, flags=re.MULTILINE)[1:]
    return [
        Section(len(marks), heading, text.replace("\0", "#"))
        for marks, heading, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]


def untranslated(text: str, page: str) -> dict[str, list[str]]:
    """What reads the same in both languages."""
    prose = re.sub("<!--.*-->", "", BLOCK.sub("", text))
    return {
        "blocks of code": [COMMENT.sub("", block) for block in BLOCK.findall(text)],
        "code": sorted(" ".join(code.split()) for code in CODE.findall(prose)),
        "ids of items": sorted(ITEM.findall(prose)),
        "links": sorted(target(link, page) for link in LINK.findall(prose)),
        "rows and lists": [
            " ".join(sorted(CODE.findall(entry) + ITEM.findall(entry)))
            for entry in ENTRY.findall(prose)
        ],
    }


def target(link: str, page: str) -> str:
    """Where a link of a page leads, in a project or here, by the English page."""
    path, mark, anchor = link.partition("#")
    if "://" in path or not path:
        return link
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
    return in_a_project(ENGLISH.get(path, path)) + mark + anchor


def in_a_project(path: str) -> str:
    """The name of a template's file once it is rendered."""
    return path.removeprefix("template/project/").removesuffix(".jinja")


def behind(page: str, german: str, english: str) -> Iterator[str]:
    """What is to be done about a German page."""
    ours, theirs = sections(re.sub(r"^>.*\n", "", german, flags=re.MULTILINE)), sections(english)
    if [each.level for each in ours] != [each.level for each in theirs]:
        headings = "\n".join(f"  {'#' * each.level} {each.heading}" for each in theirs)
        yield f"{page}: give it the sections of {ENGLISH[page]}:\n{headings}"
        return
    for our, their in zip(ours, theirs, strict=True):
        place = f"{page}, {our.heading}"
        if their.note() not in our.text:
            yield (
                f"{place}: `{their.heading}` reads otherwise now. See `git log -p -- '{ENGLISH[page]}'`,"
                f" translate what changed, then write below the heading: {their.note()}"
            )
        here = untranslated(our.text, page)
        for kind, there in untranslated(their.text, in_a_project(ENGLISH[page])).items():
            if here[kind] != there:
                german_has, english_has = Counter(here[kind]), Counter(there)
                differ = (german_has - english_has) | (english_has - german_has)
                what = ", ".join(differ) or "their order"
                yield f"{place}: {kind} differ from `{their.heading}`: {what}"


@pytest.fixture
def english(page: str, rendered: Rendered) -> str:
    source = ENGLISH[page]
    folder = rendered("defaults") if source.endswith(".jinja") else ROOT
    return (folder / in_a_project(source)).read_text("utf-8")


@pytest.fixture
def german(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


@each_page
def test_a_german_page_says_what_the_english_one_does(page: str, german: str, english: str) -> None:
    if todo := list(behind(page, german, english)):
        pytest.fail("\n".join(todo), pytrace=False)


def test_every_german_page_has_an_english_one() -> None:
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs/de").iterdir()}

    assert pages == set(ENGLISH)


@each_page
def test_a_sentence_more_in_any_english_section_is_noticed(
    page: str, german: str, english: str
) -> None:
    before = set(behind(page, german, english))
    for section in sections(english):
        more = english.replace(section.text, f"{section.text}One sentence more.\n")

        [found] = set(behind(page, german, more)) - before
        assert f"`{section.heading}` reads otherwise now" in found


@each_page
def test_an_english_section_that_comes_or_goes_is_noticed(
    page: str, german: str, english: str
) -> None:
    last = sections(english)[-1]

    [more] = behind(page, german, f"{english}\n## New\n\nText.\n")
    assert more.endswith(f"  ## {last.heading}\n  ## New")
    [less] = behind(page, german, english.replace(f"## {last.heading}\n", ""))
    assert "give it the sections of" in less


@pytest.mark.parametrize(
    ("page", "old", "new", "says"),
    [
        ("docs/de/README.md", "make demo ", "make domo ", "blocks of code differ from `Try it`"),
        ("docs/de/README.md", "`make update`", "`make updates`", "code differ from `Keep it current`: make"),
        ("docs/de/README.md", "(../../CHANGELOG.md)", "(../index.md)", "links differ from `Keep it current`: "),
        ("docs/de/checklist.md", "| RA5 | ", "| RA6 | ", "ids of items differ from `Review: activity`: RA6, RA5"),
        ("docs/de/checklist.md", "`check-rules` `check-types` |\n| RW3", "`check-rules` |\n| RW3", "rows and lists"),
    ],
)  # fmt: skip
def test_a_translation_that_leaves_something_out_is_noticed(
    page: str, old: str, new: str, says: str, german: str, english: str
) -> None:
    assert old in german

    assert says in "\n".join(behind(page, german.replace(old, new), english))


@each_page
def test_where_english_lines_are_broken_does_not_count(
    page: str, german: str, english: str
) -> None:
    broken = english.replace(", ", ",\n", 1)
    assert broken != english

    assert list(behind(page, german, broken)) == list(behind(page, german, english))
