"""The diagrams of docs/reference/recipes.md say what the recipes do."""

import re
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT
from tests.scenarios import SCENARIOS

PAGE = (ROOT / "docs/reference/recipes.md").read_text("utf-8")
DIAGRAMS = dict(
    re.findall(r"^### (\w+)\n.*?^```mermaid\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
)
VERBS = {"create": "POST", "read": "GET", "undo": "DELETE"}
MESSAGE = re.compile(r"^ +(\w)(-?->>)(\w): (.+)$", re.MULTILINE)
RECIPES = {path.name: path for path in (ROOT / "template/recipes").iterdir()}
EXAMPLES = {
    recipe: domain.strip()
    for domain, recipe in re.findall(r"([^,:]+):(\w+)", SCENARIOS["all-recipes"]["domains"])
}


def code(recipe: str, *files: str) -> str:
    """Files of a recipe, for a domain that is called like its example."""
    text = "".join((RECIPES[recipe] / f"{file}.py.jinja").read_text("utf-8") for file in files)
    return text.replace("{{ d.cls }}", EXAMPLES[recipe].capitalize())


def calls(recipe: str) -> Iterator[str]:
    """What the gateways call."""
    for gateway in code(recipe, "gateways").split("\nclass ")[1:]:
        services = dict(re.findall(r"self\.(\w+) = HttpService\(http, (.+)\)", gateway))
        for service, verb in re.findall(r"self\.(\w+)\.(create|read|undo)\(", gateway):
            # A gateway that is told its path is made by the worker.
            paths = re.findall(r'"(.+)"', services[service]) or re.findall(
                r'\(http, "(.+)"\)', code(recipe, "worker")
            )
            yield from (f"{VERBS[verb]} {path}" for path in paths)


def test_every_recipe_has_a_diagram() -> None:
    assert DIAGRAMS.keys() == RECIPES.keys()


@pytest.mark.parametrize("recipe", DIAGRAMS)
def test_a_diagram_shows_what_there_is(recipe: str) -> None:
    workflow = code(recipe, "workflow", "client", "models")
    activities = re.findall(r"@activity\.defn.*\n    def (\w+)", code(recipe, "activities"))
    messages = re.findall(
        r"@workflow\.(?:update|signal|query)\n    (?:async )?def (\w+)", code(recipe, "workflow")
    )
    functions = re.findall(r"^async def ([a-z]\w*)", code(recipe, "client"), re.MULTILINE)
    known = {
        "CW": {*messages, *functions},
        "CT": set(functions),
        "TW": {"run"},
        "WW": {"continue_as_new"},
        "WA": set(activities),
        "AS": set(calls(recipe)),
    }
    shown = MESSAGE.findall(DIAGRAMS[recipe])
    for source, arrow, target, text in shown:
        if arrow == "->>":
            assert text in known[source + target], f"{source} to {target}"
        else:
            assert text == "the reason" or re.search(rf"\b{text}\b", workflow), text

    drawn = {text for source, _, target, text in shown if source + target == "WA"}
    assert drawn == set(activities)
