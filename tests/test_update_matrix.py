"""`make update` from every earlier release, and from two that were never made, to the working tree."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from copier import run_copy, run_recopy

from tests.conftest import GIT, ROOT, UV, Render, commit, copying, edit, once, release, run
from tests.test_update import changes, contents

TAGS = run("git", "tag", "--list", "v*", cwd=ROOT).stdout.split()
RELEASES = [*TAGS, "v997.0.0", "v998.0.0"]
NOW = "v999.0.0"

SHARED = "template/project/src/{{ package_name }}/models/base.py"
SAGA = "template/recipes/saga/workflow.py.jinja"

# What a team does to its project: (file, what stands there, what it puts there).
EDITS = [
    ("src/my_temporal_service/workflows/order_workflow.py", "OrderStatus.RESERVING)\n", None),
    ("src/my_temporal_service/workflows/policies.py", "timedelta(seconds=15)", "timedelta(seconds=20)"),
    ("deploy/kubernetes/overlays/production/order-worker/kustomization.yaml", 'newTag: "0.1.0"', 'newTag: "0.7.0"'),
    ("deploy/monitoring/rules/limits.yml", None, "# Ours: see the wiki.\n"),
    ("pyproject.toml", '    "httpx>=0.28,<1",\n', '    "httpx>=0.28,<1",\n    "orjson>=3",\n'),
    ("Makefile", None, "\nours: ## Ours\n\t@true\n"),
    ("README.md", None, "\n## Ours\n\nWhom to call at night.\n"),
    (".gitignore", None, "/notes\n"),
]  # fmt: skip
ADDED = "src/my_temporal_service/gateways/fraud.py"
DELETED = "AGENTS.md"

Project = Callable[..., Path]


@pytest.fixture(scope="module")
def releases(shared: Path) -> Path:
    """The template with its history: real releases, two that differ a little, the working tree."""
    return once(shared / "releases", with_history)


def with_history(folder: Path) -> None:
    release(folder)
    for tag in TAGS:
        run("git", "fetch", "--quiet", ROOT, f"refs/tags/{tag}:refs/tags/{tag}", cwd=folder)
    run("git", "checkout", "--quiet", "-b", "past", cwd=folder)
    edit(folder / SHARED, None, "# As it was once.\n")
    edit(folder / SAGA, "import asyncio\n", "import asyncio  # once\n")
    edit(folder / "CHANGELOG.md", "First version.\n", "")
    (folder / "template/project/docs/reference/monitoring.md.jinja").unlink()
    (folder / "template/project/docs/reference/once.md").write_text("Gone since.\n", "utf-8")
    commit(folder, "v998.0.0")
    edit(folder / "copier.yml", None, "\nonce:\n  type: str\n  help: What?\n  default: once\n")
    edit(folder / "template/project/Dockerfile.jinja", None, "# As it was long ago.\n")
    commit(folder, "v997.0.0")
    run("git", "checkout", "--quiet", NOW, cwd=folder)


@pytest.fixture(scope="module")
def render_release(releases: Path, shared: Path) -> Render:
    """Renders a project of a release: `render_release(folder, tag="v998.0.0")`."""

    def render(destination: Path, *, tag: str, **answers: str) -> Path:
        run_copy(
            str(releases),
            destination,
            data=answers,
            defaults=True,
            quiet=True,
            unsafe=False,
            vcs_ref=tag,
        )
        return destination

    return copying(render, shared / "rendered-releases")


@pytest.fixture
def project(render_release: Render, tmp_path: Path) -> Project:
    """Renders and commits the default project of a release."""

    def project(tag: str, folder: Path = tmp_path / "project", **answers: str) -> Path:
        render_release(folder, tag=tag, **answers)
        commit(folder)
        return folder

    return project


def update(project: Path, *arguments: str, fails: bool = False) -> str:
    """Run `make update`, which succeeds unless it `fails`."""
    done = run("make", "update", *arguments, f"UV={UV}", cwd=project, check=not fails)
    assert bool(done.returncode) == fails, done.stdout
    return done.stdout


def worktrees(project: Path) -> int:
    """How many folders git has the project in."""
    return run("git", "worktree", "list", cwd=project).stdout.count("\n")


@pytest.fixture
def fresh(project: Project, tmp_path: Path) -> Path:
    return project(NOW, tmp_path / "fresh")


@pytest.mark.parametrize("tag", RELEASES)
def test_a_project_that_nobody_changed_becomes_a_new_one(
    tag: str, project: Project, fresh: Path
) -> None:
    updated = project(tag)
    output = update(updated)

    assert f"The template is at {NOW}, it was at {tag}." in output
    assert contents(updated) == contents(fresh)


def test_it_says_what_is_new(project: Project) -> None:
    assert "\nFirst version.\n" in update(project("v998.0.0"))


@pytest.mark.parametrize("tag", RELEASES)
def test_every_edit_is_kept(tag: str, project: Project, fresh: Path) -> None:
    for folder in (updated := project(tag), fresh):
        for name, old, new in EDITS:
            if old is None or new is not None:
                edit(folder / name, old, str(new))
            else:
                edit(folder / name, old, f"{old}        self._log = []\n")
        (folder / ADDED).write_text("# Ours.\n", "utf-8")
        (folder / DELETED).unlink()
        commit(folder)

    update(updated)

    assert contents(updated) == contents(fresh), "edited and updated, or new and then edited"


def test_edits_of_the_same_lines_are_a_conflict_that_loses_nothing(project: Project) -> None:
    updated = project("v998.0.0")
    file = "src/my_temporal_service/models/base.py"
    edit(updated / file, "# As it was once.\n", "# As we like it.\n")
    commit(updated)

    output = update(updated, fails=True)

    line = (updated / file).read_text("utf-8").split("\n").index("<<<<<<< before updating") + 1
    assert f"{file}:{line}:<<<<<<< before updating" in output
    assert "# As we like it." in (updated / file).read_text("utf-8")
    assert run("make", "check-conflicts", f"UV={UV}", cwd=updated, check=False).returncode
    take_back(updated, output)


def take_back(project: Path, output: str) -> None:
    """Do what the command says, after which nothing is left of it."""
    [command] = re.findall(r"^  (git restore .*)$", output, re.MULTILINE)
    run("sh", "-c", command, cwd=project)
    assert changes(project) == []


def test_what_could_not_be_merged_cannot_be_committed(project: Project) -> None:
    folder = project(NOW)
    run("make", "check-conflicts", f"UV={UV}", cwd=folder)
    (folder / "README.md.rej").write_text("@@\n", "utf-8")

    assert run("make", "check-conflicts", f"UV={UV}", cwd=folder, check=False).returncode


def test_an_answer_is_changed_with_an_update(project: Project, tmp_path: Path) -> None:
    updated = project("v998.0.0")
    update(updated, "ANSWERS={api: true, alert_receivers: [slack]}")

    other = project(NOW, tmp_path / "other", api="true", alert_receivers="[slack]")
    assert contents(updated) == contents(other)


def test_a_domain_is_added_with_an_update(project: Project, tmp_path: Path) -> None:
    domains = "order:saga, notification:simple, refund:retry"
    updated = project("v997.0.0")
    update(updated, f"ANSWERS=domains: '{domains}'".replace("'", '"'))

    assert contents(updated) == contents(project(NOW, tmp_path / "other", domains=domains))


def test_what_was_edited_stays_though_the_template_has_it_no_more(project: Project) -> None:
    folder = project("v998.0.0", api="true")
    ours = ["docs/reference/once.md", "src/my_temporal_service/api/order_routes.py"]
    for name in ours:
        edit(folder / name, None, "# Ours.\n")
    history = "tests/test_replay/histories/order/OrderWorkflow/0.1.0-ours.json"
    (folder / history).write_text("{}\n", "utf-8")
    commit(folder)

    output = update(folder, "ANSWERS=api: false")

    listed = output.partition("These stay, for they are yours; the template has them no more:\n")[2]
    assert listed.startswith("".join(f"  {name}\n" for name in ours))
    assert not (folder / "src/my_temporal_service/api/app.py").exists()
    assert all((folder / name).exists() for name in [*ours, history])


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ("domians: order:saga", "with names out of alert_receivers, api, "),
        ("[", "ANSWERS is no YAML"),
        ("rollout: sideways", "sideways"),
        ("domains: order:saga", "An update would replace notification with all that was edited"),
        ("package_name: shop", "The package keeps its name"),
        ("domains: order:simple, notification:simple", "An update would replace order with"),
    ],
)
def test_a_wrong_answer_is_refused(answers: str, message: str, project: Project) -> None:
    folder = project("v998.0.0")

    output = update(folder, f"ANSWERS={answers}", fails=True)

    assert message in output
    assert "Traceback" not in output
    assert changes(folder) == []


def test_what_is_not_committed_is_not_put_at_risk(project: Project) -> None:
    folder = project("v998.0.0")
    edit(folder / "README.md", None, "Not yet committed.\n")

    assert "Commit or stash first" in update(folder, fails=True)
    assert changes(folder) == [" M README.md"]


def test_a_dry_run_shows_all_and_changes_nothing(project: Project) -> None:
    folder = project("v998.0.0")
    edit(folder / "README.md", None, "Ours.\n")
    commit(folder)

    output = update(folder, "DRY_RUN=1")

    assert "\n-# As it was once.\n" in output
    assert "\n+++ b/docs/reference/monitoring.md\n" in output
    assert "First version." in output
    assert "Ours." not in output
    assert changes(folder) == []
    assert worktrees(folder) == 1


def test_a_dry_run_that_is_ended_leaves_nothing(project: Project) -> None:
    folder = project("v998.0.0")
    started = subprocess.Popen(
        ["make", "update", "DRY_RUN=1", f"UV={UV}"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    while worktrees(folder) == 1 and started.poll() is None:
        time.sleep(0.01)
    assert worktrees(folder) == 2
    os.killpg(started.pid, signal.SIGTERM)
    started.wait()
    until = time.monotonic() + 60
    while worktrees(folder) > 1 and time.monotonic() < until:
        time.sleep(0.1)

    assert worktrees(folder) == 1
    assert changes(folder) == []


def test_a_project_that_git_does_not_have_is_told_to_begin_there(project: Project) -> None:
    folder = project("v998.0.0")
    shutil.rmtree(folder / ".git")

    assert "First let git have the project: git init" in update(folder, fails=True)


def test_a_project_in_a_folder_of_a_repository(
    project: Project, fresh: Path, tmp_path: Path
) -> None:
    folder = project("v998.0.0", tmp_path / "all/services/ours")
    shutil.rmtree(folder / ".git")
    (tmp_path / "all/README.md").write_text("All services.\n", "utf-8")
    commit(tmp_path / "all")

    assert "\n-# As it was once.\n" in update(folder, "DRY_RUN=1")
    assert changes(folder) == []
    update(folder)

    assert contents(folder) == contents(fresh)
    assert (tmp_path / "all/README.md").read_text("utf-8") == "All services.\n"


def test_a_second_update_changes_nothing(project: Project) -> None:
    folder = project("v997.0.0")
    update(folder)
    commit(folder)

    tried = update(folder, "DRY_RUN=1")
    assert "Nothing would change." in tried
    assert "To do it" not in tried
    assert f"The template is at {NOW} as before." in update(folder)
    assert changes(folder) == []


def test_rendered_anew_it_is_the_same(project: Project, fresh: Path) -> None:
    folder = project("v998.0.0")
    run_recopy(folder, defaults=True, overwrite=True, quiet=True, unsafe=False)
    (folder / "docs/reference/once.md").unlink()  # files that are gone are left by a recopy

    assert contents(folder) == contents(fresh)


def test_an_update_that_was_interrupted_can_be_taken_back(project: Project, fresh: Path) -> None:
    folder = project("v998.0.0")
    started = subprocess.Popen(
        ["make", "update", f"UV={UV}"], cwd=folder, stdout=subprocess.DEVNULL, process_group=0
    )
    while not changes(folder) and started.poll() is None:
        time.sleep(0.01)
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    assert changes(folder)

    text = (folder / "dev/working_tree.py").read_text("utf-8")
    [command] = re.findall(r'^TAKE_BACK = "(.+)"$', text, re.MULTILINE)
    run("sh", "-c", command, cwd=folder)
    assert changes(folder) == []
    update(folder)
    assert contents(folder) == contents(fresh)


def test_a_file_that_moved_takes_its_edits_along(
    project: Project, releases: Path, tmp_path: Path
) -> None:
    folder = project(NOW)
    edit(folder / "AGENTS.md", "For coding agents", "For our agents")
    edit(folder / "AGENTS.md", None, "Ours.\n")
    ours = (folder / "AGENTS.md").read_text("utf-8")
    commit(folder)
    later = shutil.copytree(releases, tmp_path / "later")
    (later / "template/project/AGENTS.md").rename(later / "template/project/docs/agents.md")
    migration = """
_migrations:
  - version: v999.1.0
    when: true # before and after
    command: ["{{ _copier_python }}", "{{ _copier_conf.src_path }}/hooks/move.py", AGENTS.md, docs/agents.md]
"""
    edit(later / "copier.yml", None, migration)
    run("git", "checkout", "--quiet", "-B", "later", cwd=later)
    run("git", "add", "--all", cwd=later)
    run(*GIT, "commit", "--quiet", "--message", "A file moves", cwd=later)
    run("git", "tag", "v999.1.0", cwd=later)
    edit(folder / ".copier-answers.yml", str(releases), str(later))
    commit(folder)

    refused = update(folder, fails=True)
    assert f"Read it, in the folder hooks of {later}, then: make update TRUST=1" in refused
    assert changes(folder) == []

    update(folder, "TRUST=1")
    assert not (folder / "AGENTS.md").exists()
    assert (folder / "docs/agents.md").read_text("utf-8") == ours


def test_a_move_that_is_done_or_pointless_is_harmless(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("ours", "utf-8")
    commit(tmp_path)
    for stage in ("before", "before", "after", "after"):
        move: list[str | Path] = [
            sys.executable,
            ROOT / "hooks/move.py",
            "old",
            "deep/new",
            "absent",
            "anywhere",
        ]
        run(*move, cwd=tmp_path, environment={"STAGE": stage})

    assert (tmp_path / "deep/new").read_text("utf-8") == "ours"
    assert not (tmp_path / "anywhere").exists()
