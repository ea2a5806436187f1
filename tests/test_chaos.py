"""The failure drills of a project keep their promises, and say so if one is broken."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import UV, Render, edit, run

pytestmark = pytest.mark.e2e

DRILLS = [
    "worker-killed",
    "worker-hung",
    "worker-stopped",
    "worker-forced",
    "rolling-restart",
    "server-restarted",
    "server-unreachable",
    "services-failing",
    "scratch-full",
    "clock-skewed",
    "everything",
]

# The others take minutes each; `worker-killed` is part of `make test` of each project.
SHORT = ["worker-forced", "rolling-restart", "scratch-full"]


@pytest.fixture(scope="module")
def project(rendered: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chaos") / "project"
    shutil.copytree(rendered("defaults"), folder)
    run("make", "setup", f"UV={UV}", cwd=folder)
    return folder


def report(project: Path) -> dict[str, object]:
    data = json.loads((project / "build/chaos/report.json").read_text("utf-8"))
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize("drill", SHORT)
def test_a_project_survives(drill: str, project: Path) -> None:
    output = run("make", "chaos", f"DRILL={drill}", "SEED=e2e", f"UV={UV}", cwd=project).stdout

    assert f"| {drill} | " in output
    assert "Seed: e2e" in output
    assert not report(project)["skipped"]


def test_all_drills_are_known(project: Path) -> None:
    output = run("make", "chaos", "DRILL=none", f"UV={UV}", cwd=project, check=False).stdout

    assert output.splitlines()[0] == f"DRILL=none: give one of {', '.join(DRILLS)}"


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "runtime/idempotency.py",
            "{workflow_id or activity.info().workflow_id}:{step}",
            "{workflow_id or activity.info().workflow_id}:{step}:{activity.info().attempt}",
            " took effect 2 times",
        ),
        (
            "workflows/order_workflow.py",
            "shared.to_the_end(self._compensate(order.ref()))",
            "self._compensate(order.ref())",
            "stock is left",
        ),
    ],
    ids=["a key for each attempt", "compensation that can be cancelled"],
)
def test_a_broken_promise_is_an_error_with_its_reason(
    file: str, old: str, new: str, says: str, render: Render, tmp_path: Path
) -> None:
    project = render(tmp_path / "project", domains="order:saga")
    run("make", "setup", f"UV={UV}", cwd=project)
    edit(project / "src/my_temporal_service" / file, old, new)

    done = run("make", "chaos", "DRILL=services-failing", f"UV={UV}", cwd=project, check=False)

    assert done.returncode
    assert says in done.stdout
    assert "BROKEN" in (project / "build/chaos/report.md").read_text("utf-8")
    assert report(project)["broken"]


def test_a_domain_that_does_not_start_is_no_domain_without_samples(project: Path) -> None:
    worker = project / "src/my_temporal_service/workers/notification_worker.py"
    text = worker.read_text("utf-8")
    worker.write_text("import nothing_of_that_name\n" + text, "utf-8")

    done = run("make", "chaos", "DRILL=scratch-full", f"UV={UV}", cwd=project, check=False)

    worker.write_text(text, "utf-8")
    assert done.returncode
    assert "No module named 'nothing_of_that_name'" in done.stdout


def test_what_cannot_be_drilled_is_said(render: Render, tmp_path: Path) -> None:
    project = render(tmp_path / "project", domains="order:saga, notification:simple")
    run("make", "setup", f"UV={UV}", cwd=project)
    (project / "dev/samples/notification_samples.py").unlink()

    output = run("make", "chaos", "DRILL=scratch-full", f"UV={UV}", cwd=project).stdout

    assert "- notification: there is no dev.samples.notification_samples" in output
