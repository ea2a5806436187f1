"""The template that this project comes from, at the version that it has.

Needs Copier, which is no dependency of the project: `make domain` and the like bring it.
"""

import tempfile
from pathlib import Path
from typing import Any

import yaml
from copier import VcsRef, run_copy, run_update
from copier.errors import CopierError
from plumbum import ProcessExecutionError

from dev.layout import ROOT


def answers(folder: Path = ROOT) -> dict[str, Any]:
    """The answers of the interview, and where the template is."""
    text = (folder / ".copier-answers.yml").read_text("utf-8")
    recorded: dict[str, Any] = yaml.safe_load(text)
    return recorded


def recorded_domains(given: dict[str, Any] | None = None) -> dict[str, str]:
    """The recipe of each domain by its name, in the order of the answer."""
    entries = (entry.partition(":") for entry in str((given or answers())["domains"]).split(","))
    return {name.strip(): recipe.strip() for name, _, recipe in entries}


def fault(error: Exception) -> str:
    """What the interview has against an answer, or what is wrong with the template."""
    _, invalid, problem = str(error).partition("Validation error for question ")
    if invalid:
        return problem.partition(": ")[2]
    source = f"{answers()['_src_path']} at {answers()['_commit']}"
    return f"The template, {source}: {error}"


def render(folder: Path, domains: dict[str, str], **options: Any) -> Any:
    """Render the project as it would be with these domains, without the changes made to it.

    Returns Copier's worker, which knows all answers; exits with what is wrong with the domains.
    """
    recorded = answers()
    given = {name: answer for name, answer in recorded.items() if not name.startswith("_")}
    try:
        return run_copy(
            recorded["_src_path"],
            folder,
            data=given | {"domains": as_answer(domains)},
            vcs_ref=recorded["_commit"],
            defaults=True,
            quiet=True,
            **options,
        )
    except (ValueError, CopierError, ProcessExecutionError) as error:
        raise SystemExit(fault(error)) from None


def interview(domains: dict[str, str]) -> Any:
    """Judge an answer by the rules of the interview, without rendering anything; as `render`."""
    with tempfile.TemporaryDirectory() as nowhere:
        return render(Path(nowhere), domains, pretend=True, exclude=["*"])


def files_of(domain: str, worker: Any) -> list[str]:
    """The files that a domain is made of, by their paths in the project."""
    files = worker.answers.combined["files"]
    return [file["path"] for file in files if file["d"].get("name") == domain]


def recipes(worker: Any) -> dict[str, str]:
    """What each recipe is, in a line that begins with its name."""
    choices: dict[str, str] = worker.template.questions_data["starters"]["choices"]
    return {entry.partition(":")[2]: line for line, entry in choices.items()}


def change_answer(domains: dict[str, str]) -> None:
    """Let the project have these domains: an update that stays at its version of the template."""
    print("Merging what the template makes otherwise ...", flush=True)
    data = {"domains": as_answer(domains)}
    options = {"defaults": True, "overwrite": True, "quiet": True, "unsafe": False}
    try:
        run_update(ROOT, data=data, vcs_ref=VcsRef.CURRENT, **options)
    except CopierError as error:
        raise SystemExit(str(error)) from None


def as_answer(domains: dict[str, str]) -> str:
    """Domains as the interview has them."""
    return ", ".join(f"{name}:{recipe}" for name, recipe in domains.items())
