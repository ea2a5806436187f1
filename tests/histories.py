"""Records the histories that the recipes ship, and compares them with what the code does today.

`make histories` renders a project with every recipe, lets it record its samples, and turns the
result back into templates.
"""

import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from copier import run_copy

from tests.conftest import ROOT, UV, release, run

RECIPES = sorted(folder.name for folder in (ROOT / "template/recipes").iterdir())
HISTORIES = "tests/test_replay/histories"


def record(template: Path, project: Path) -> dict[str, str]:
    """Histories as templates, by their path below template/recipes.

    Each recipe is rendered as a domain whose name stands nowhere else, so that every mention of it
    can be found again.
    """
    domains = ", ".join(f"recipe_{recipe}:{recipe}" for recipe in RECIPES)
    run_copy(str(template), project, data={"domains": domains}, defaults=True, quiet=True)
    shutil.rmtree(project / HISTORIES)
    run("make", "record", f"UV={UV}", cwd=project)
    return {
        f"{recipe}/histories/{file.name}": templated(recipe, file)
        for recipe in RECIPES
        for file in sorted((project / HISTORIES / f"recipe_{recipe}").glob("*/*.json"))
    }


def templated(recipe: str, file: Path) -> str:
    """A history with placeholders for the names of the domain, which its stub fills in."""
    text = file.read_text("utf-8")
    text = text.replace(f"recipe-{recipe}", "<queue>")
    text = text.replace(f"recipe_{recipe}", "<name>")
    text = text.replace("my-temporal-service", "<project>")
    return text.replace(f"Recipe{recipe.capitalize()}", "<cls>")


def essence(history: str) -> list[Any]:
    """What a history says about the code: events without times, ids and payloads."""
    volatile = re.compile(
        r"time|Time|data|message|historySizeBytes|sdkMetadata"
        r"|taskId|[rR]unId|requestId|workflowId|updateId|protocolInstanceId|RequestMessageId"
    )

    def strip(value: Any) -> Any:
        if isinstance(value, list):
            return [strip(item) for item in value]
        if isinstance(value, dict):
            return {key: strip(item) for key, item in value.items() if not volatile.search(key)}
        return value

    events: list[Any] = strip(json.loads(history)["events"])
    return events


def main() -> None:
    """Record the histories of which more has changed than times and ids."""
    with tempfile.TemporaryDirectory() as folder:
        template = release(Path(folder, "template"))
        for name, text in record(template, Path(folder, "project")).items():
            file = ROOT / "template/recipes" / name
            if not file.exists() or essence(file.read_text("utf-8")) != essence(text):
                file.write_text(text, "utf-8")
                print(f"Recorded template/recipes/{name}")


if __name__ == "__main__":
    main()
