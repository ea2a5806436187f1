"""The dashboards that the projects ship are those that `make dashboards` writes, and a page says how to read them."""

import re

import yaml

from tests.conftest import ROOT
from tests.dashboards import FOLDER, dashboards, overview, worker

PAGE = (ROOT / "docs/how-to/read-the-dashboard.md").read_text("utf-8")


def test_the_files_are_what_the_builders_make() -> None:
    shipped = {file: file.read_text("utf-8") for file in FOLDER.iterdir()}

    assert shipped == dashboards(), "run `make dashboards`"


def test_the_page_names_every_panel_as_it_is_called() -> None:
    titles = {
        panel.title for made in (overview(), worker()) for panel in made.build().panels or []
    } | {"Temporal: overview", "Temporal: workers of a queue"}
    named = {re.sub(r"\s+", " ", name) for name in re.findall(r"\*\*(.+?)\*\*", PAGE, re.DOTALL)}

    assert named == titles


def test_the_page_has_the_limits_that_are_drawn() -> None:
    recorded = yaml.safe_load((FOLDER.parents[1] / "rules/limits.yml").read_text("utf-8"))
    limits = {
        rule["record"].removeprefix("temporal:limit:"): float(rule["expr"][len("vector(") : -1])
        for group in recorded["groups"]
        for rule in group["rules"]
    }
    drawn = set(re.findall("temporal:limit:(\\w+)", "".join(dashboards().values())))
    rows = re.findall(r"\*\* \| ([\d,.]+)( %)?(?: s)? \| `(\w+)` \|", PAGE)
    said = {
        name: float(value.replace(",", "")) / (100 if percent else 1)
        for value, percent, name in rows
    }

    assert said == {name: limits[name] for name in drawn}
