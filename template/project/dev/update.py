"""`make update`: what is new in the template, merged with what was changed here."""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from copier import run_update
from copier.errors import CopierError, UnsafeTemplateError
from plumbum import ProcessExecutionError

from dev import working_tree
from dev.layout import HISTORIES, ROOT
from dev.template import answers, fault, recorded_domains, render

CHANGES = "docs/reference/template-changes.md"


def update(folder: Path, data: dict[str, Any], trust: bool) -> None:
    """Merge the newest version of the template into a project; exits with what is in the way.

    A recorded run is a fact: histories may come, but none is changed. What was edited stays, even
    if the template has it no more.
    """
    with tempfile.TemporaryDirectory() as pristine:
        print("Comparing with the template ...", flush=True)
        render(Path(pristine), recorded_domains())
        print("Merging its newest version ...", flush=True)
        merge(folder, data, trust)
        gone = working_tree.differing("D", folder)
        kept = [
            file
            for file in gone
            if file.startswith(HISTORIES)
            or working_tree.commit_differs(file, Path(pristine), folder)
        ]
    changed = [file for file in working_tree.differing("M", folder) if file.startswith(HISTORIES)]
    working_tree.bring_back([*kept, *changed], folder)
    if kept:
        print("These stay, for they are yours; the template has them no more:", *kept, sep="\n  ")


def merge(folder: Path, data: dict[str, Any], trust: bool) -> None:
    """Let Copier update a project."""
    options = {"skip_answered": True, "overwrite": True, "quiet": True, "unsafe": trust}
    try:
        run_update(folder, data=data, defaults=not sys.stdin.isatty(), **options)
    except UnsafeTemplateError:
        raise SystemExit(
            "This update moves files by a program of the template. Read it, in the folder hooks of"
            f" {answers()['_src_path']}, then: make update TRUST=1"
        ) from None
    except (ValueError, CopierError, ProcessExecutionError) as error:
        if "Downgrades are not supported" in str(error):
            raise SystemExit(
                "This project is ahead of the newest release: wait for the next."
            ) from None
        raise SystemExit(fault(error)) from None


def preview(data: dict[str, Any], trust: bool) -> None:
    """Show all that an update would change, and change nothing; exits with 1 if there are conflicts."""
    with working_tree.twin() as folder:
        update(folder, data, trust)
        working_tree.git("add", "--all", "--intent-to-add", ".", folder=folder)
        changes = working_tree.git("diff", "--relative", "HEAD", folder=folder)
        print(changes or "Nothing would change.")
        tell_news(folder, answers()["_commit"])
        conflicts = working_tree.conflicts(folder)
    if changes:
        print("Nothing was changed. To do it: make update, with the same answers.", flush=True)
    if conflicts:
        raise SystemExit(f"You and the template changed alike, to be resolved then:\n{conflicts}")


def tell_news(folder: Path, before: str) -> None:
    """Say what is new since a version."""
    now = answers(folder)["_commit"]
    print(f"The template is at {now}{f', it was at {before}' if now != before else ' as before'}.")
    difference = working_tree.git("diff", "--unified=0", "HEAD", "--", CHANGES, folder=folder)
    news = [line[1:] for line in difference.splitlines() if line[0] == "+" and line[:3] != "+++"]
    print(*news, sep="\n", flush=True)


def changed_answers(text: str) -> dict[str, Any]:
    """Answers to be changed, as YAML; exits if they are none of the interview."""
    try:
        given = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise SystemExit(f"ANSWERS is no YAML: {error}") from None
    known = [name for name in answers() if not name.startswith("_")]
    if not isinstance(given, dict) or not set(given) <= set(known):
        raise SystemExit(
            "ANSWERS is to be like 'tracing: true' or '{tracing: true, rollout: rolling}', with names"
            f" out of {', '.join(known)}."
        )
    if given.get("package_name", answers()["package_name"]) != answers()["package_name"]:
        raise SystemExit(
            "The package keeps its name: an update would not move what was edited in it."
        )
    before, then = recorded_domains(), recorded_domains({**answers(), **given})
    if lost := sorted(name for name in before if then.get(name) != before[name]):
        raise SystemExit(
            f"An update would replace {', '.join(lost)} with all that was edited there: use"
            " make remove-domain or make rename-domain; a recipe is what a domain began with."
        )
    return given


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", default="", help="what to answer otherwise, as YAML")
    parser.add_argument("--dry-run", action="store_true", help="only show what would change")
    parser.add_argument("--trust", action="store_true", help="let the template run its migrations")
    arguments = parser.parse_args()
    os.environ.setdefault("GIT_TERMINAL_PROMPT", "0")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that folders of a moment are removed
    working_tree.refuse_changes()
    data = changed_answers(arguments.answers)
    if arguments.dry_run:
        preview(data, arguments.trust)
        return
    before = answers()["_commit"]
    try:
        update(ROOT, data, arguments.trust)
    except (Exception, KeyboardInterrupt):
        print(f"Stopped halfway. To take it back:\n  {working_tree.TAKE_BACK}", flush=True)
        raise
    tell_news(ROOT, before)
    working_tree.refuse_conflicts()
    print(f"Next:\n  make setup check test\nTo take it back:\n  {working_tree.TAKE_BACK}")


if __name__ == "__main__":
    main()
