"""`make checklist` of a new project: what stands on the terminal at its end."""

from pathlib import Path

from tests.pictures.project import UV
from tests.pictures.terminal import Terminal


def draw(project: Path) -> dict[str, bytes]:
    """Run all gates."""
    with Terminal(project, columns=96, rows=50, UV=str(UV)) as terminal:
        terminal.type("make checklist\r")
        terminal.wait("\n$ ", seconds=900)
        return {"checklist.svg": terminal.picture()}
