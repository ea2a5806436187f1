"""The interview of `make new`, as a person has it."""

import shutil
from pathlib import Path

import yaml

from tests.conftest import ROOT
from tests.pictures.terminal import Terminal

CLEAR, ENTER = "\x15", "\r"

# What is pressed before Enter; all other questions keep their default.
KEYS = {
    "project_name": f"{CLEAR}Web Shop",
    "project_description": f"{CLEAR}Takes orders, and tells customers what becomes of them.",
    "user_name": "Shop team",
    "user_email": "shop@example.com",
    "github_user": "acme",
    "api": "y",
}


def draw(template: Path) -> dict[str, bytes]:
    """Have the interview in a template."""
    folder = template.with_name("web-shop")
    shutil.rmtree(folder, ignore_errors=True)
    (template / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (template / ".venv" / name).symlink_to(ROOT / ".venv" / name)
    questions = yaml.safe_load((template / "copier.yml").read_text("utf-8"))
    with Terminal(template, columns=96, rows=80) as terminal:
        terminal.type(f"make new DEST=../{folder.name}{ENTER}")
        for name, question in questions.items():
            if name.startswith("_") or question.get("when") is False:
                continue
            terminal.wait(question["help"].splitlines()[0][:40])
            terminal.type(KEYS.get(name, ""))
            if question["type"] != "bool" or name not in KEYS:  # there a letter is enough
                terminal.type(ENTER)
        terminal.wait("\n$ ")
        return {"interview.svg": terminal.picture()}
