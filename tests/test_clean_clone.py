"""The commands of the README, in a clean clone with an empty environment."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pexpect
import pytest

from tests.conftest import ROOT, free_port, release, run
from tests.test_prompts import QUESTIONS

pytestmark = pytest.mark.e2e

KEPT = ("PATH", "HOME", "LANG", "SSL_CERT_FILE")
EMPTY = {name: os.environ[name] for name in KEPT if name in os.environ}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of this repository in which `make demo` has run."""
    folder = release(tmp_path_factory.mktemp("clone"))
    done = subprocess.run(
        ["make", "demo"], cwd=folder, env=EMPTY, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "order: workflow completed: {" in done.stdout
    assert "notification: workflow completed: {" in done.stdout
    assert "UI: http://127.0.0.1:" in done.stdout
    return folder


def test_demo_leaves_the_clone_clean(clone: Path) -> None:
    assert run("git", "status", "--porcelain", cwd=clone).stdout == ""


def test_new_asks_and_says_what_is_next(clone: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PROMPT_TOOLKIT_NO_CPR": "1"}
    terminal = pexpect.spawn(
        "make", ["-C", str(clone), "new", f"DEST={tmp_path / 'service'}"],
        env=environment, encoding="utf-8", timeout=30, dimensions=(50, 200),
    )  # fmt: skip
    for question in ["project called", *QUESTIONS]:
        terminal.expect(question)
        terminal.send("\r")
    terminal.expect("make setup")
    terminal.expect(pexpect.EOF)

    assert (tmp_path / "service/src/my_temporal_service").is_dir()
    done = run("make", "new", f"DEST={tmp_path / 'service'}", cwd=clone, check=False)
    assert done.returncode
    assert "already: `make update` there" in done.stdout


def test_new_without_a_destination_says_how(clone: Path) -> None:
    done = run("make", "new", cwd=clone, check=False)

    assert done.returncode
    assert "make new DEST=../my-service" in done.stdout


def test_dev_serves_reloads_and_stops_all_at_ctrl_c(clone: Path) -> None:
    project = clone / "build/demo"
    temporal, ui, services = (free_port() for _ in range(3))
    uv = f"UV={clone / '.venv/bin/uv'}"
    terminal = pexpect.spawn(
        "make", ["dev", uv, f"TEMPORAL_PORT={temporal}", f"UI_PORT={ui}", f"SERVICES_PORT={services}"],
        cwd=project, encoding="utf-8", timeout=60,
    )  # fmt: skip
    try:
        terminal.expect(f"UI: http://127.0.0.1:{ui}")
        terminal.expect("Worker of order starts")
        address = {"TEMPORAL_ADDRESS": f"127.0.0.1:{temporal}"}
        done = run("make", "run", "WORKFLOW=order", uv, cwd=project, environment=address)
        assert "order: workflow completed: {" in done.stdout

        workflow = project / "src/my_temporal_service/workflows/order_workflow.py"
        workflow.write_text(workflow.read_text("utf-8") + "\n# changed\n", "utf-8")
        terminal.expect("Worker of order stopped")
        terminal.expect("Worker of order starts")

        terminal.sendintr()
        terminal.expect(pexpect.EOF)
    finally:
        terminal.kill(signal.SIGTERM)
        terminal.close()

    assert "Traceback" not in (terminal.before or "")
    assert not left_over(project), left_over(project)


def left_over(project: Path) -> list[str]:
    """Processes that still use the environment of a project, after a moment to end."""
    for _ in range(50):
        commands = [
            file.read_text("utf-8").replace("\0", " ")
            for file in Path("/proc").glob("[0-9]*/cmdline")
            if file.exists() and str(project) in file.read_text("utf-8")
        ]
        if not commands:
            break
        time.sleep(0.1)
    return commands


def test_the_readme_names_the_commands_that_are_tested() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")

    for command in ("make demo", "make test", "make new DEST=../my-service"):
        assert command in readme
