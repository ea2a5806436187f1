"""The page with the tables: each stands between two comments, and is replaced by what was measured."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench import tables

BEGIN, END = "<!-- {} -->", "<!-- end -->"


def write(page: Path, folder: Path) -> None:
    """Replace the tables of those parts of which the folder has results; others stay as they are."""
    text = page.read_text("utf-8")
    for name, table in measured(folder):
        begin = re.escape(BEGIN.format(name))
        block = f"{BEGIN.format(name)}\n{table}\n{END}"
        old = re.findall(rf"{begin}\n.*?{END}", text, re.DOTALL)
        if len(old) != 1:
            raise SystemExit(f"{page} should have {BEGIN.format(name)} once, not {len(old)} times")
        text = text.replace(old[0], block)
    page.write_text(text, "utf-8")


def measured(folder: Path) -> Iterator[tuple[str, str]]:
    """The tables by their names."""
    for part, make in tables.PARTS.items():
        file = folder / f"{part}.json"
        if file.exists():
            result: dict[str, Any] = json.loads(file.read_text("utf-8"))
            yield f"{part}.machine", tables.machine(result["machine"])
            for name, table in make(result["found"]).items():
                yield f"{part}.{name}", table
