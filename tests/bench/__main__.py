"""Measures, and writes the tables of `docs/reference/benchmarks.md` (`make bench`)."""

import argparse
import json
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.bench import generation, inside, page
from tests.bench.size import TINY, Size
from tests.conftest import ROOT

PAGE = ROOT / "docs/reference/benchmarks.md"


def parts(folder: Path) -> dict[str, Callable[[Size], Any]]:
    """What can be measured, by its name."""

    def workers(kind: str, pairs: int, size: Size) -> Any:
        sizes = (pairs, size.workflows, size.concurrency, size.variants)
        return inside.measure(folder, "throughput", [kind], sizes)

    return {
        "generation": generation.measure,
        "worker": lambda size: workers("worker", size.pairs, size),
        "tuning": lambda size: workers("tuning", size.tuning, size),
        "start": lambda size: inside.measure(folder, "start", [], (size.rounds, size.starts)),
        "replay": lambda size: inside.measure(folder, "replay", [], (size.rounds, *size.replays)),
    }


def loads() -> list[float]:
    """How many programs wanted to run in the last minute and quarter of an hour."""
    return [round(load, 1) for load in os.getloadavg()[::2]]


def versions(folder: Path) -> dict[str, str]:
    """The versions of what was measured; those of the SDK and its server once there is a project."""
    return {"Copier": version("copier"), **inside.versions(folder)}


def main() -> None:
    """Measure what the command line asks for, and write the page."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("part", nargs="?", help="one of them; all by default")
    parser.add_argument(
        "--pairs", type=int, help="runs of each worker, in the parts worker and tuning"
    )
    parser.add_argument("--tiny", action="store_true", help="as little as possible")
    parser.add_argument("--folder", type=Path, default=ROOT / "build/bench")
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args()
    folder = given.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    known = parts(folder)
    if given.part not in {None, *known}:
        raise SystemExit(f"There is no part {given.part!r}. Parts: {', '.join(known)}")
    if given.pairs and given.part not in {None, "worker", "tuning"}:
        raise SystemExit(f"PAIRS is for the parts worker and tuning: {given.part} runs none")
    size = TINY if given.tiny else Size()
    if given.pairs:
        size = size._replace(pairs=given.pairs, tuning=given.pairs)
    for name in [given.part] if given.part else known:
        before = loads()
        found = known[name](size)
        machine = {
            "at": datetime.now(UTC).isoformat(timespec="minutes"),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "versions": versions(folder),
            "load_before": before,
            "load_after": loads(),
        }
        text = json.dumps({"machine": machine, "found": found}, indent=1)
        (folder / f"{name}.json").write_text(text, "utf-8")
        page.write(given.page, folder)
    print(f"The tables are in {given.page}")


if __name__ == "__main__":
    main()
