"""What `copier update` does to a project."""

import re
import shutil
from pathlib import Path

import pytest
from copier import run_update

from tests.conftest import UV, Render, commit, run

OVERLAYS = [
    f" M deploy/kubernetes/overlays/{name}/kustomization.yaml"
    for name in ("development", "production", "staging")
]
LISTS = [" M .copier-answers.yml", " M Dockerfile", " M compose.yaml", *OVERLAYS]
DESCRIPTION = '{{ 7 * 7 }} "quoted"'


@pytest.fixture
def project(render: Render, tmp_path: Path) -> Path:
    """The default project, committed."""
    folder = render(tmp_path / "project", project_description=DESCRIPTION)
    commit(folder)
    return folder


def changes(project: Path) -> list[str]:
    status = run("git", "status", "--porcelain", "--untracked-files=all", cwd=project).stdout
    return status.splitlines()


def test_an_update_to_the_same_version_changes_nothing(project: Path) -> None:
    run_update(project, defaults=True, overwrite=True, quiet=True, unsafe=False)

    assert changes(project) == []


def added_lines(project: Path, file: str) -> list[str]:
    """What was added to a file that lost nothing."""
    difference = run("git", "diff", "--unified=0", "--", file, cwd=project).stdout.splitlines()
    assert not [line for line in difference if re.match(r"-(?!--)", line)]
    return [line[1:] for line in difference if re.match(r"\+(?!\+\+)", line)]


def test_a_new_domain_adds_files_and_a_line_in_each_overlay(project: Path) -> None:
    # A release of another domain, and a domain that stands beside the new one in every list.
    release = project / "deploy/kubernetes/overlays/production/order-worker/kustomization.yaml"
    released = release.read_text("utf-8").replace('"0.1.0"', '"0.7.0"')
    release.write_text(released, "utf-8")
    commit(project)
    domains = "order:saga, notification:simple, refund:saga"
    run_update(
        project, data={"domains": domains}, defaults=True, overwrite=True, quiet=True, unsafe=False
    )

    changed = [change for change in changes(project) if not change.startswith("??")]
    added = [change for change in changes(project) if change.startswith("??")]
    assert changed == LISTS
    for overlay in OVERLAYS:
        assert added_lines(project, overlay.removeprefix(" M ")) == ["  - refund-worker"]
    assert release.read_text("utf-8") == released
    assert all("refund" in change for change in added)
    assert len(added) == sum(
        len(list(project.rglob(pattern)))
        for pattern in ("*order_*.py", "histories/order/*/*.json", "order-worker/*")
    )


@pytest.mark.parametrize("option", ["api", "payload_encryption"])
def test_an_option_that_is_turned_on_later_is_as_if_it_had_been_on(
    option: str, project: Path, render: Render, tmp_path: Path
) -> None:
    data = {option: True}
    run_update(project, data=data, defaults=True, overwrite=True, quiet=True, unsafe=False)

    other = render(tmp_path / "other", project_description=DESCRIPTION, **{option: "true"})
    assert contents(project) == contents(other)


def test_a_new_domain_of_a_project_with_an_api_changes_only_lists(
    render: Render, tmp_path: Path
) -> None:
    project = render(tmp_path / "project", api="true")
    commit(project)
    domains = "order:saga, notification:simple, refund:saga"
    run_update(
        project, data={"domains": domains}, defaults=True, overwrite=True, quiet=True, unsafe=False
    )

    changed = [change for change in changes(project) if not change.startswith("??")]
    assert changed == LISTS
    assert (project / "src/my_temporal_service/api/refund_routes.py").exists()


def test_a_new_domain_fits_in_beside_edited_lists(project: Path) -> None:
    edits = {
        "Dockerfile": (
            "RUN useradd",
            "RUN apt-get update && rm -rf /var/lib/apt/lists/*\nRUN useradd",
        ),
        "compose.yaml": ("target: order-worker}", "target: order-worker}\n    cpus: 2"),
    }
    for name, (old, new) in edits.items():
        text = (project / name).read_text("utf-8")
        assert text.count(old) == 1
        (project / name).write_text(text.replace(old, new), "utf-8")
    commit(project)
    domains = "order:saga, notification:simple, audit:saga"
    run_update(
        project, data={"domains": domains}, defaults=True, overwrite=True, quiet=True, unsafe=False
    )

    for name, (_, new) in edits.items():
        text = (project / name).read_text("utf-8")
        assert new in text
        assert "audit-worker" in text
        assert "<<<<<<<" not in text


def contents(project: Path) -> dict[str, bytes]:
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in project.rglob("*")
        if path.is_file() and not {".git", "__pycache__"} & {*path.relative_to(project).parts}
    }


@pytest.fixture
def newer(project: Path, template: Path, tmp_path: Path) -> Path:
    """A later release, from which the project gets its updates."""
    newer = shutil.copytree(template, tmp_path / "newer")
    shared = newer / "template/project/src/{{ package_name }}/models/base.py"
    shared.write_text(shared.read_text("utf-8") + "# newer\n", "utf-8")
    history = newer / "template/recipes/saga/histories/0.1.0-completed.json"
    history.write_text(history.read_text("utf-8").replace("{", "{ ", 1), "utf-8")
    commit(newer, "v999.1.0")
    answers = project / ".copier-answers.yml"
    answers.write_text(answers.read_text("utf-8").replace(str(template), str(newer)), "utf-8")
    commit(project)
    return newer


@pytest.mark.usefixtures("newer")
def test_a_new_release_reaches_the_project_beside_its_own_edits(project: Path) -> None:
    workflow = project / "src/my_temporal_service/workflows/order_workflow.py"
    edited = workflow.read_text("utf-8").replace("timedelta(minutes=1)", "timedelta(hours=1)")
    workflow.write_text(edited, "utf-8")
    commit(project)

    run("make", "update", f"UV={UV}", cwd=project)

    assert changes(project) == [
        " M .copier-answers.yml",
        " M src/my_temporal_service/models/base.py",
    ], "and no history is changed"
    assert "timedelta(hours=1)" in edited
    assert workflow.read_text("utf-8") == edited


@pytest.mark.usefixtures("newer")
def test_histories_of_a_release_are_put_back_even_after_a_conflict(project: Path) -> None:
    for history in project.glob("tests/test_replay/histories/order/*/0.1.0-completed.json"):
        history.write_text("{}\n", "utf-8")
    commit(project)

    run("make", "update", f"UV={UV}", cwd=project)

    assert changes(project) == [
        " M .copier-answers.yml",
        " M src/my_temporal_service/models/base.py",
    ]
