"""`make domain`, `make remove-domain` and `make rename-domain`: the domains that the project has.

Each is an update of one answer at the same version of the template, from a clean git tree: git
shows what it did, and can take it back.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from dev import working_tree
from dev.domain_questions import (
    GUIDE,
    ask_name,
    ask_recipe,
    confirm,
    refuse_known,
    refuse_taken,
    refuse_unknown,
    refuse_unset,
)
from dev.layout import HISTORIES, ROOT, project_version, task_queue
from dev.renaming import Renaming, belongs_to
from dev.template import (
    answers,
    change_answer,
    files_of,
    interview,
    recipes,
    recorded_domains,
    render,
)
from dev.working_tree import TAKE_BACK

# Where code and manifests are; documents are for people to rename.
RENAMED = ("src/", "dev/", "tests/", "deploy/", "Dockerfile", "compose.yaml", "pyproject.toml")


def add(name: str | None, recipe: str | None) -> None:
    """Add a domain, after questions for what is not given."""
    domains = recorded_domains()
    asking = not (name and recipe)
    if asking and not sys.stdin.isatty():
        raise SystemExit("Say which: make domain NAME=refund RECIPE=saga")
    if name:
        refuse_known(name, domains)
    lines = recipes(interview(domains)) if asking else {}
    name = name or ask_name(domains, an_example=next(iter(lines)))
    recipe = recipe or ask_recipe(lines)
    wanted = {**domains, name: recipe}
    files = files_of(name, interview(wanted))
    show("These files come:", files)
    if taken := [file for file in files if (ROOT / file).exists()]:
        raise SystemExit(f"{name} would overwrite: {', '.join(taken)}")
    if asking:
        confirm("Add them?")
    change_answer(wanted)
    finish(*recording(name, files))


def remove(name: str, force: bool, dry_run: bool) -> None:
    """Remove a domain, but not what was edited in it or added to it, unless by force."""
    domains = recorded_domains()
    refuse_unset(f"make remove-domain NAME={next(iter(domains))}", NAME=name)
    refuse_unknown(name, domains)
    others = {other: recipe for other, recipe in domains.items() if other != name}
    if not others:
        raise SystemExit(f"{name} is the only domain: add another first.")
    print("Comparing with the template ...", flush=True)
    going, own = what_goes(name, domains, others)
    if force:
        going, own = sorted([*going, *own]), []
    show("These files go:", going)
    if own:
        show("These stay, edited, added or renamed here; with FORCE=1 they go too:", own)
    print(running(name))
    if dry_run:
        return
    if sys.stdin.isatty():
        confirm(f"Remove {name}?")
    change_answer(others)
    working_tree.bring_back(own)
    working_tree.remove(going)
    finish()


def rename(name: str, to: str) -> None:
    """Rename a domain in code; what the server knows it by stays, so that all that runs goes on."""
    domains = recorded_domains()
    example = name or next(iter(domains))
    refuse_unset(f"make rename-domain FROM={example} TO={to or 'billing'}", FROM=name, TO=to)
    refuse_unknown(name, domains)
    if to == name:
        raise SystemExit(f"{name} has that name already.")
    refuse_taken(to, {other: recipe for other, recipe in domains.items() if other != name})
    wanted = {to if other == name else other: recipe for other, recipe in domains.items()}
    fresh = files_of(to, interview(wanted))
    renaming = Renaming(name, to, answers()["project_slug"])
    own = [file for file in working_tree.tracked_files() if belongs_to(name, file)]
    moved = {file: renaming.path(file) for file in own}
    if taken := [file for file in {*fresh, *moved.values()} if (ROOT / file).exists()]:
        raise SystemExit(f"{to} would overwrite: {', '.join(sorted(taken))}")
    change_answer(wanted)
    working_tree.remove(fresh)
    working_tree.bring_back(moved)
    for old, new in moved.items():
        working_tree.move(old, new)
    show("These files moved, to:", sorted(moved.values()))
    rewrite(renaming)
    kept = ", ids and HTTP path" if answers().get("api") else " and ids"
    print(f"Task queue, workflow type{kept} stay those of {name}, see {GUIDE}.")
    finish()


def what_goes(
    name: str, domains: dict[str, str], others: dict[str, str]
) -> tuple[list[str], list[str]]:
    """The files that go with a domain: as the template made them, and edited or added here."""
    with tempfile.TemporaryDirectory() as with_it, tempfile.TemporaryDirectory() as without:
        render(Path(with_it), domains)
        render(Path(without), others)
        files = [
            file
            for file in working_tree.tracked_files()
            if belongs_to(name, file)
            or (Path(with_it, file).exists() and not Path(without, file).exists())
        ]
        own = [file for file in files if working_tree.file_differs(file, Path(with_it))]
    return [file for file in files if file not in own], own


def is_code(file: str) -> bool:
    """Whether names in a file are to be renamed; what was recorded stays as it was."""
    return file.startswith(RENAMED) and not file.startswith(HISTORIES)


def rewrite(renaming: Renaming) -> None:
    """Rename a domain in code and manifests."""
    for file in working_tree.tracked_files():
        if not is_code(file):
            continue
        try:
            text = (ROOT / file).read_bytes().decode()
        except UnicodeDecodeError:
            continue
        if (renamed := renaming.text(text)) != text:
            (ROOT / file).write_bytes(renamed.encode())


def show(title: str, files: Iterable[str]) -> None:
    """Print a list of files."""
    print(title, *(f"  {file}" for file in files), sep="\n", flush=True)


def recording(name: str, files: list[str]) -> list[str]:
    """What to do if the histories that a recipe brings are not of the version of the project."""
    version = project_version()
    histories = [Path(file).name for file in files if file.startswith(HISTORIES)]
    if all(history.startswith(f"{version}-") for history in histories):
        return []
    return [
        f"make record WORKFLOW={name}    # its histories are of an older version than {version}"
    ]


def running(name: str) -> str:
    """How many workflows run on the task queue of a domain, or how to ask for it."""
    query = f"TaskQueue = '{task_queue(name)}' AND ExecutionStatus = 'Running'"
    count = ["temporal", "workflow", "count", "--output", "json", "--query", query]
    limits = ["--client-connect-timeout", "3s", "--command-timeout", "5s"]
    uv = os.environ.get("UV", "uv")  # it tells what it runs where it is
    done = subprocess.run(
        [uv, "run", "--quiet", "--no-sync", *count, *limits],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return f'No server answered. Ask yours: .venv/bin/temporal workflow count --query "{query}"'
    number = int(json.loads(done.stdout).get("count", 0))
    if number:
        return f"WARNING: {number} of its workflows run, and wait once no worker is left: {GUIDE}"
    return "None of its workflows runs on the server that answered."


def finish(*steps: str) -> None:
    """Say what changed and what is next; exits with 1 if there are conflicts to be resolved."""
    edited = working_tree.git("diff", "--name-only", "--diff-filter=MU", "--relative", "HEAD", ".")
    show("These files changed:", edited.splitlines())
    working_tree.refuse_conflicts()
    show("Next:", [*steps, "make check test", "make dev, anew if it runs"])
    print(f"To take it back:\n  {TAKE_BACK}")


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    adding = commands.add_parser("add")
    adding.add_argument("--name")
    adding.add_argument("--recipe")
    adding.set_defaults(command=add)
    removing = commands.add_parser("remove")
    removing.add_argument("--name", required=True)
    removing.add_argument("--force", action="store_true", help="also what was edited or added")
    removing.add_argument("--dry-run", action="store_true", help="only say what would go")
    removing.set_defaults(command=remove)
    renaming = commands.add_parser("rename")
    renaming.add_argument("--name", required=True)
    renaming.add_argument("--to", required=True)
    renaming.set_defaults(command=rename)
    arguments = vars(parser.parse_args())
    command = arguments.pop("command")
    working_tree.refuse_changes()
    try:
        command(**arguments)
    except (Exception, KeyboardInterrupt):
        print(f"Stopped halfway. To take it back:\n  {TAKE_BACK}", flush=True)
        raise


if __name__ == "__main__":
    main()
