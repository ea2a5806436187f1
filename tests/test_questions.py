"""docs/reference/questions.md says what copier.yml asks."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment, meta

from tests.conftest import ROOT

PAGE = ROOT / "docs/reference/questions.md"
COPIER = (ROOT / "copier.yml").read_text("utf-8")
QUESTIONS: dict[str, dict[str, Any]] = {
    name: question
    for name, question in yaml.safe_load(COPIER).items()
    if not name.startswith("_") and question.get("when") is not False
}


def code(value: object) -> str:
    """A value as it is given: none for what is empty."""
    match value:
        case bool():
            return "`yes`" if value else "`no`"
        case list():
            return ", ".join(map(code, value))
    return f"`{value}`" if value else "empty"


def default(name: str, answers: dict[str, Any]) -> str:
    """What counts without an answer, and which other answers it is made of."""
    value = QUESTIONS[name]["default"]
    if not isinstance(value, str) or "{" not in value:
        return code(value)
    parts = meta.find_undeclared_variables(Environment().parse(value)) & QUESTIONS.keys()
    return f"{code(answers[name])}, made of {' and '.join(map(code, sorted(parts)))}"


def choices(name: str) -> list[str]:
    """The answers to choose from, with what the interview says of each."""
    asked = QUESTIONS[name].get("choices", [])
    if isinstance(asked, list):
        return [code(choice) for choice in asked]
    return [f"{code(value)}: {label.partition(': ')[2]}" for label, value in asked.items()]


def block(name: str, answers: dict[str, Any], changes: str) -> str:
    """What the page says of a question."""
    question = QUESTIONS[name]
    form = {"bool": "`yes` or `no`", "str": "A line of text"}[question["type"]]
    if "choices" in question:
        form = "One of these"
    if question.get("multiselect"):
        form = "Any of these"
    asked = " ".join(question["help"].split())
    listed = "".join(f"- {choice}\n" for choice in choices(name))
    first = f"### `{name}`\n\n> {asked}\n\n{form}; by default {default(name, answers)}.\n"
    return first + (f"\n{listed}" if listed else "") + f"\n{changes}\n"


def headings() -> dict[str, str]:
    """The heading in copier.yml under which each question stands."""
    found: dict[str, str] = {}
    heading = ""
    for title, name in re.findall(r"^# (\w+) -+$|^(\w+):", COPIER, re.MULTILINE):
        heading = title or heading
        found[name] = heading
    return found


def test_the_page_has_each_question_as_it_is_asked(
    rendered: Callable[[str], Path], request: pytest.FixtureRequest
) -> None:
    answers = yaml.safe_load((rendered("defaults") / ".copier-answers.yml").read_text("utf-8"))
    text = PAGE.read_text("utf-8")
    changes = dict(
        re.findall(
            r"^### `(\w+)`\n.*?^(It changes .*?)\n(?=\n#|\Z)", text, re.DOTALL | re.MULTILINE
        )
    )
    page = text.partition("\n## ")[0]
    above = ""
    for name in QUESTIONS:
        if headings()[name] != above:
            above = headings()[name]
            page += f"\n## {above}\n"
        page += "\n" + block(name, answers, changes.get(name, ""))
    if request.config.getoption("--write-golden"):
        PAGE.write_text(page, "utf-8")

    assert page == PAGE.read_text("utf-8")
    assert not QUESTIONS.keys() - changes.keys(), "say what it changes"


def test_the_paths_on_the_page_are_rendered() -> None:
    listed = "\n".join(
        file.read_text("utf-8") for file in sorted((ROOT / "tests/golden").glob("*.txt"))
    )
    for path in re.findall(
        r"`([\w./-]+/[\w./-]+|[\w.-]+\.(?:md|yml|json|toml))`", PAGE.read_text()
    ):
        assert re.search(rf"^{re.escape(path)}(/|$)", listed, re.MULTILINE), path
