"""What each picture shows. A digest of it stands in the picture, which so tells when it is out of date."""

import ast
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.histories import essence

FOLDER = "docs/pictures"
LIMIT = 250_000  # bytes
PROJECT = "template/project"


class Picture(NamedTuple):
    """The part of `make pictures` that makes a picture, and what it shows of a template."""

    part: str
    shown: Callable[[Path], object]


def interview(root: Path) -> object:
    """The questions as they are asked, and what is said before and after."""
    questions = yaml.safe_load((root / "copier.yml").read_text("utf-8"))
    said = ("help", "choices", "default", "placeholder", "qmark")
    messages = [questions[f"_message_{when}_copy"] for when in ("before", "after")]
    return messages, {
        name: [question.get(key) for key in said]
        for name, question in questions.items()
        if not name.startswith("_") and question.get("when") is not False
    }


def checklist(root: Path) -> object:
    """The items, and how they are printed."""
    text = (root / PROJECT / "CHECKLIST.md.jinja").read_text("utf-8")
    printed = (root / PROJECT / "dev/checklist.py").read_text("utf-8")
    return re.findall(r"^\| [A-Z]+\d+ \|.*$", text, re.MULTILINE), printed


def history(sample: str) -> Callable[[Path], object]:
    """The events of a saga."""

    def events(root: Path) -> object:
        file = root / f"template/recipes/saga/histories/0.1.0-{sample}.json"
        return essence(file.read_text("utf-8"))

    return events


def load(root: Path) -> object:
    """What the plots of the report are made of."""
    text = (root / PROJECT / "tests/load/report.py").read_text("utf-8")
    functions = {
        each.name: ast.get_source_segment(text, each)
        for each in ast.parse(text).body
        if isinstance(each, ast.FunctionDef)
    }
    return functions["plots"], functions["plot"]


def dashboard(name: str) -> Callable[[Path], object]:
    """A dashboard."""
    folder = f"{PROJECT}/deploy/monitoring/grafana/dashboards"
    return lambda root: (root / folder / name).read_text("utf-8")


PICTURES = {
    "interview.svg": Picture("interview", interview),
    "checklist.svg": Picture("checklist", checklist),
    "saga-completed.png": Picture("temporal", history("completed")),
    "saga-taken-back.png": Picture("temporal", history("shipment-refused")),
    "load-throughput.svg": Picture("load", load),
    "load-waits.svg": Picture("load", load),
    "dashboard-overview.png": Picture("dashboards", dashboard("overview.json.jinja")),
    "dashboard-worker.png": Picture("dashboards", dashboard("worker.json.jinja")),
}


def digest(name: str, root: Path) -> str:
    """What stands in a picture for what it shows."""
    shown = json.dumps(PICTURES[name].shown(root), sort_keys=True)
    return f"shows {hashlib.sha256(shown.encode()).hexdigest()}"


def problems(root: Path) -> Iterator[str]:
    """What is wrong with the pictures of a repository, each with its fix."""
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    used = re.findall(rf"!\[[^\]]+\]\([^)]*{FOLDER[4:]}/([^)]+)\)", "".join(
        page.read_text("utf-8") for page in pages
    ))  # fmt: skip
    for file in sorted((root / FOLDER).iterdir()):
        if file.name not in PICTURES:
            yield f"{file.name} is no picture of tests/pictures/sources.py: remove it"
        elif file.name not in used:
            yield f"{file.name} is on no page: show it, or remove it"
    for name, picture in PICTURES.items():
        file, again = root / FOLDER / name, f"make pictures PART={picture.part}"
        if not file.exists():
            yield f"{name} is missing: {again}"
            continue
        content = file.read_bytes()
        if digest(name, root).encode() not in content:
            yield f"{name} shows what is no more: {again}"
        if len(content) > LIMIT:
            yield f"{name} has {len(content)} bytes, {LIMIT} are the limit: make it smaller"
        if name.endswith(".svg") and (found := LOADS.search(content)):
            yield f"{name} has {found[0].decode()}, which a page does not show: leave it out"


# Scripts do not run in a picture, nor is anything loaded for it; and nothing of a machine belongs there.
LOADS = re.compile(rb"<script|(?:href|src)=\"(?!#)|url\(\"?https?:|@import|/(?:tmp|root|home)/")
