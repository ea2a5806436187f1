"""`make load` in a rendered project: a search, one rate on a server of one's own, Ctrl-C, bad input."""

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import UV, free_port, run

pytestmark = [pytest.mark.e2e, pytest.mark.alone]


@pytest.fixture(scope="module")
def project(rendered: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("load") / "project"
    shutil.copytree(rendered("defaults"), folder)
    run("make", "setup", f"UV={UV}", cwd=folder)
    return folder


def report(project: Path) -> dict[str, Any]:
    """What the last run found."""
    found: dict[str, Any] = json.loads((project / "build/load/report.json").read_text("utf-8"))
    return found


def test_the_search_ends_with_a_report(project: Path) -> None:
    output = run("make", "load", "SECONDS=4", f"UV={UV}", cwd=project).stdout
    found = report(project)
    text = (project / "build/load/report.md").read_text("utf-8")

    assert "The report is in build/load/report.md" in output
    # The slower a workflow, the longer its steps.
    steps = re.findall(r"workflows/s for \d+ s \.\.\.\n", output)
    assert len(steps) == len(found["steps"]) >= 8
    assert found["options"] == {"WORKERS": 1, "SECONDS": 4}
    assert {"notification-worker-1", "order-worker-1"} < found["steps"][0]["cpu"].keys()
    assert 0 < found["highest_rate_that_holds"] <= found["capacity"] * 1.2
    most = max(found["steps"], key=lambda step: step["offered"])
    assert most["achieved"] < 0.9 * most["offered"], "it went beyond the capacity"
    for step in found["steps"]:
        if step["holds"]:
            assert step["workflow_task_wait"]["p99"] <= 0.1
            assert step["activity_wait"]["p99"] <= 0.1
            assert not step["failures"]
    assert text.count("](") == text.count(".svg)") == 4
    for plot in (project / "build/load").glob("*.svg"):
        assert f"({plot.name})" in text
        assert "<svg " in plot.read_text("utf-8")
    run("git", "init", "--quiet", cwd=project)
    assert "build/" not in run("git", "status", "--porcelain", cwd=project).stdout


def test_one_rate_is_measured_in_a_namespace_elsewhere(project: Path) -> None:
    port = free_port()
    temporal = project / ".venv/bin/temporal"
    command = f"{temporal} server start-dev --headless --ip=127.0.0.1 --port={port}"
    server = subprocess.Popen(
        [*command.split(), "--namespace=elsewhere", "--log-level=never"], stdout=subprocess.DEVNULL
    )
    environment = {"TEMPORAL_ADDRESS": f"127.0.0.1:{port}", "TEMPORAL_NAMESPACE": "elsewhere"}
    try:
        health = f"{temporal} operator cluster health".split()
        while run(*health, cwd=project, environment=environment, check=False).returncode:
            assert server.poll() is None
        load = ["make", "load", "WORKFLOW=order", "RATE=4", "SECONDS=5", "WORKERS=2", "LATENCY=0.1"]
        # Whether a busy machine holds the rate is not what is asked here.
        run(*load, f"UV={UV}", cwd=project, environment=environment, check=False)
        counted = run(temporal, "workflow", "count", cwd=project, environment=environment).stdout
    finally:
        server.terminate()
        server.wait()

    [step] = report(project)["steps"]
    # Two to see how long one takes, and six or more while it warmed up.
    assert int(counted.removeprefix("Total: ")) >= 2 + 6 + 20
    assert "server" not in step["cpu"]
    assert {"order-worker-1", "order-worker-2"} < step["cpu"].keys()
    assert step["end_to_end"]["p50"] > 0.3, "each of the three calls takes 0.1 s"


def test_a_signal_leaves_what_was_measured_so_far(project: Path) -> None:
    command = f"{project}/.venv/bin/python -m tests.load --SECONDS=2".split()
    with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True) as load:
        assert load.stdout
        while not load.stdout.readline().startswith("       done "):
            assert load.poll() is None
        load.send_signal(signal.SIGINT)
        output = load.stdout.read()

    assert load.returncode == 130
    assert "Stopped by a signal." in output
    assert report(project)["steps"][0]["offered"] == 5


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("RATE=abc", "RATE=abc: give a number above 0"),
        ("MAX_CONCURRENT_ACTIVITIES=x", "MAX_CONCURRENT_ACTIVITIES=x: "),
        ("TEMPORAL_ADDRESS=temporal.example.com:7233", "ALLOW_REMOTE_SERVER=1"),
    ],
)
def test_what_cannot_be_measured_is_refused(given: str, message: str, project: Path) -> None:
    done = run("make", "load", given, f"UV={UV}", cwd=project, check=False)

    assert done.returncode
    assert message in done.stdout
    assert "Traceback" not in done.stdout
