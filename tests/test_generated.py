"""The commands of a rendered project, really run."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, UV, Render, commit, edit, free_port, run
from tests.scenarios import RECIPES

Make = Callable[..., str]


@pytest.fixture(scope="module")
def make() -> Make:
    """Runs a command of a project with uv given; `fails=True` expects it to fail."""

    def make(project: Path, *arguments: str, fails: bool = False) -> str:
        done = run("make", *arguments, f"UV={UV}", cwd=project, check=not fails)
        assert bool(done.returncode) == fails, done.stdout
        return done.stdout

    return make


@pytest.fixture(scope="module")
def project(render: Render, make: Make, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default project, set up; only to be read."""
    folder = render(tmp_path_factory.mktemp("generated"))
    commit(folder)
    make(folder, "setup")
    return folder


@pytest.fixture
def copy(project: Path, make: Make, tmp_path: Path) -> Path:
    """The default project, set up, to be changed."""
    folder = tmp_path / "project"
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns(".venv"))
    make(folder, "setup")
    return folder


def package(project: Path) -> Path:
    return project / "src" / "my_temporal_service"


def test_setup_leaves_nothing_but_the_lock_file_to_commit(project: Path) -> None:
    assert run("git", "status", "--porcelain", cwd=project).stdout == "?? uv.lock\n"


def test_tests_and_replay_are_green(project: Path, make: Make) -> None:
    assert " passed" in make(project, "test")
    assert " passed" in make(project, "replay")


@pytest.mark.e2e
def test_a_project_with_every_recipe_and_option_is_green(
    rendered: Callable[[str], Path], make: Make, tmp_path: Path
) -> None:
    folder = shutil.copytree(rendered("long-names"), tmp_path / "project")

    make(folder, "setup")
    assert " passed" in make(folder, "test")
    output = make(folder, "demo")
    assert output.count(": workflow completed: {") == len(RECIPES)
    assert "API: http://127.0.0.1:" in output


def test_the_demo_completes_a_workflow_of_each_domain(project: Path, make: Make) -> None:
    output = make(project, "demo")

    assert "UI: http://127.0.0.1:" in output
    assert "order: workflow completed: {" in output
    assert "notification: workflow completed: {" in output


def test_help_lists_the_commands(project: Path, make: Make) -> None:
    output = make(project, "help")

    for command in (
        "setup",
        "dev",
        "run",
        "check",
        "test",
        "load",
        "replay",
        "replay-production",
        "record",
    ):
        assert f"  {command} " in output


def test_run_without_a_server_says_how_to_start_one(project: Path) -> None:
    nobody = {"TEMPORAL_PORT": str(free_port())}
    done = run(
        "make", "run", "WORKFLOW=order", f"UV={UV}", cwd=project, environment=nobody, check=False
    )

    assert done.returncode
    assert "start one with `make dev`" in done.stdout
    assert "Traceback" not in done.stdout


def test_run_without_a_server_of_ones_own_says_where_to_look(project: Path) -> None:
    nobody = {"TEMPORAL_ADDRESS": "temporal.invalid:7233", "ALLOW_REMOTE_SERVER": "1"}
    done = run(
        "make", "run", "WORKFLOW=order", f"UV={UV}", cwd=project, environment=nobody, check=False
    )

    said, failed = done.stdout.splitlines()
    assert said.startswith("No connection to temporal.invalid:7233, look at TEMPORAL_ADDRESS")
    assert "make dev" not in said
    assert failed.startswith("make: ***")


@pytest.mark.parametrize(
    "offline",
    [
        {"UV": "false"},  # a uv that brings nothing
        {
            "UV": ".uv/bin/uv",  # which pip has to bring
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": "",
        },
    ],
    ids=["uv", "pip"],
)
def test_setup_without_a_way_out_names_the_page_on_proxies(
    offline: dict[str, str], render: Render, tmp_path: Path
) -> None:
    project = render(tmp_path / "project")
    done = run(
        "make", "setup", f"UV={offline['UV']}", cwd=project, environment=offline, check=False
    )

    assert done.returncode
    said, failed = done.stdout.splitlines()[-2:]
    page = "docs/how-to/run-behind-a-proxy.md"
    assert (
        said == f"What is missing could not be downloaded, see above; behind a proxy, {page} helps."
    )
    assert (project / page).exists()
    assert failed.startswith("make: ***")


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("MAX_CONCURRENT_ACTIVITIES", "abc", "MAX_CONCURRENT_ACTIVITIES=abc: "),
        ("TEMPORAL_ADDRESS", "temporal.example.com:7233", "ALLOW_REMOTE_SERVER=1"),
        ("TEMPORAL_ADDRESS", "127.0.0.1:1", "No connection to 127.0.0.1:1"),
    ],
)
def test_a_demo_that_cannot_work_says_so_at_once(
    variable: str, value: str, message: str, project: Path
) -> None:
    done = run("make", "demo", f"UV={UV}", cwd=project, environment={variable: value}, check=False)

    assert done.returncode
    assert message in done.stdout
    assert "Traceback" not in done.stdout


@pytest.fixture
def dev(project: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`make dev` on ports of its own, ready; what it says goes to the file `dev.log`."""
    names = ("TEMPORAL_PORT", "UI_PORT", "SERVICES_PORT")
    ports = {name: str(free_port()) for name in names}
    with (tmp_path / "dev.log").open("wb") as log:
        stack = subprocess.Popen(
            [project / ".venv/bin/python", "-m", "dev.stack"],
            cwd=project,
            env={**os.environ, **ports},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            says(tmp_path, "Worker of order starts", "Worker of notification starts")
            yield stack
        finally:
            stack.terminate()
            stack.wait()


def says(folder: Path, *texts: str) -> None:
    """Wait until `dev.log` has these texts."""
    log = ""
    for _ in range(600):
        log = (folder / "dev.log").read_text("utf-8")
        if all(text in log for text in texts):
            return
        time.sleep(0.1)
    pytest.fail(f"no {texts} in:\n{log}")


def processes(project: Path, name: str = "") -> list[int]:
    """The processes of a project, or those of them that have this in their command."""
    lines = run("ps", "-ww", "-eo", "pid=,args=", cwd=project).stdout.splitlines()  # uncut
    return [int(line.split()[0]) for line in lines if str(project) in line and name in line]


def process_of(project: Path, name: str) -> int:
    """The process of a project that has this in its command, as soon as it is the only one."""
    for _ in range(100):
        found = processes(project, name)
        if len(found) == 1:
            return found[0]
        time.sleep(0.1)
    pytest.fail(f"{len(found)} processes of {name}: {processes(project)} of {project}")


def test_dev_reports_a_worker_that_died_and_starts_it_with_the_next_change(
    dev: subprocess.Popen[bytes], project: Path, tmp_path: Path
) -> None:
    worker = process_of(project, "order_worker")
    os.kill(worker, signal.SIGKILL)
    says(tmp_path, "order_worker ended with -9, see above: it starts again when the code changes.")
    assert not processes(project, "order_worker")

    code = package(project) / "__init__.py"
    code.write_bytes(code.read_bytes())
    while not processes(project, "order_worker"):
        time.sleep(0.1)
    assert dev.poll() is None


def test_dev_ends_when_its_server_died(
    dev: subprocess.Popen[bytes], project: Path, tmp_path: Path
) -> None:
    os.kill(process_of(project, "start-dev"), signal.SIGKILL)

    assert dev.wait(60) == 1
    says(tmp_path, "The Temporal server ended with -9: everything is stopped.")
    assert not processes(project)


def test_a_sample_that_is_meant_to_fail_does_so_without_an_error(
    dev: subprocess.Popen[bytes], project: Path, tmp_path: Path
) -> None:
    [address] = re.findall(r"Temporal: (\S+),", (tmp_path / "dev.log").read_text("utf-8"))
    command = ["make", "run", "WORKFLOW=notification", "SAMPLE=rejected", f"UV={UV}"]
    environment = {"TEMPORAL_ADDRESS": address}
    meant = run(*command, cwd=project, environment=environment).stdout
    histories = project / "tests/test_replay/histories/notification/NotificationWorkflow"
    hidden = histories.rename(tmp_path / "histories")
    try:
        unknown = run(*command, cwd=project, environment=environment, check=False)
    finally:
        hidden.rename(histories)

    assert "notification: workflow failed: " in meant
    assert "The sample rejected shows just that" in meant
    assert unknown.returncode
    assert "shows just that" not in unknown.stdout
    assert dev.poll() is None


def test_nothing_is_left_of_a_dev_that_was_killed(
    dev: subprocess.Popen[bytes], project: Path
) -> None:
    assert len(processes(project)) >= 5
    dev.kill()
    dev.wait()

    for _ in range(400):
        if not processes(project):
            break
        time.sleep(0.1)
    assert not processes(project)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"TEMPORAL_PORT": "{free}", "UI_PORT": "{free}"}, "is to be used twice: choose another"),
        ({"UI_PORT": "{used}"}, "`make dev UI_PORT=...`. To work with the Temporal server"),
        (
            {"SERVICES_PORT": "{used}", "TEMPORAL_ADDRESS": "127.0.0.1:1"},
            "`make dev SERVICES_PORT=...`.\n",
        ),
    ],
)
def test_dev_on_ports_that_cannot_be_says_which_to_choose(
    environment: dict[str, str], message: str, project: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ports = {"used": listener.getsockname()[1], "free": free_port()}
        others = {name: str(free_port()) for name in ("TEMPORAL_PORT", "UI_PORT", "SERVICES_PORT")}
        chosen = {name: value.format(**ports) for name, value in environment.items()}
        done = run("make", "dev", f"UV={UV}", cwd=project, environment=others | chosen, check=False)

    assert done.returncode
    assert message in done.stdout
    assert "Traceback" not in done.stdout


def test_dev_shows_why_the_server_did_not_start(project: Path) -> None:
    ports = {name: str(free_port()) for name in ("TEMPORAL_PORT", "UI_PORT", "SERVICES_PORT")}
    with socket.socket() as bound:  # but not listening: it looks free until somebody listens there
        bound.bind(("127.0.0.1", int(ports["UI_PORT"])))
        done = run("make", "dev", f"UV={UV}", cwd=project, environment=ports, check=False)

    assert done.returncode
    assert "address already in use" in done.stdout
    assert "The Temporal server did not start, see above." in done.stdout


def test_a_server_of_ones_own_is_used(project: Path) -> None:
    port = free_port()
    temporal = project / ".venv/bin/temporal"
    address = f"127.0.0.1:{port}"
    server = subprocess.Popen(
        [temporal, "server", "start-dev", "--headless", f"--port={port}", "--log-level=error"],
        stdout=subprocess.DEVNULL,
    )
    try:
        while run(
            temporal,
            "operator",
            "cluster",
            "health",
            "--address",
            address,
            cwd=project,
            check=False,
        ).returncode:
            assert server.poll() is None
        environment = {"TEMPORAL_ADDRESS": address}
        output = run("make", "demo", f"UV={UV}", cwd=project, environment=environment).stdout
        listed = run(temporal, "workflow", "list", "--address", address, cwd=project).stdout
    finally:
        server.terminate()
        server.wait()

    assert f"Temporal: {address}\n" in output
    assert "OrderWorkflow" in listed


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("run", "WORKFLOW is not set: give one of notification, order"),
        ("run WORKFLOW=ordre", "WORKFLOW=ordre: give one of notification, order"),
        ("run WORKFLOW=--help", "WORKFLOW=--help: give one of notification, order"),
        ("run WORKFLOW=notification SAMPLE=x", "SAMPLE=x: give one of delivered, rejected"),
        ("record WORKFLOW=ordre", "WORKFLOW=ordre: give one of notification, order"),
        ("chaos DRILL=fire", "DRILL=fire: give one of worker-killed, worker-hung,"),
        ("load WORKFLOW=ordre", "WORKFLOW=ordre: give one of notification, order"),
        ("load LATENCY=-1", "LATENCY=-1: give a number of seconds, 0 or more"),
        ("load RATE=abc", "RATE=abc: give a number above 0"),
        ("load RATE=0.01", "RATE=0.01: no workflow would start within 10 seconds"),
        ("load SECONDS=0", "SECONDS=0: give a number above 0"),
        ("load WORKERS=11", "WORKERS=11: give a whole number from 1 to 10"),
        ("replay-production LIMIT=0", "LIMIT=0: give a whole number above 0"),
        ("replay-production SINCE=monday", "SINCE=monday: give a date such as 2026-01-31"),
    ],
)
def test_a_variable_of_no_use_is_told_in_one_line_with_what_would_be(
    command: str, message: str, project: Path
) -> None:
    done = run("make", *command.split(), f"UV={UV}", cwd=project, check=False)

    said = done.stdout.splitlines()
    assert done.returncode == 2
    assert len(said) == 2, "the other one is make's own"
    assert said[0].startswith(message)
    assert said[1].endswith("Error 2")


def test_swapped_activities_turn_replay_red_and_name_the_history(copy: Path, make: Make) -> None:
    workflow = package(copy) / "workflows/notification_workflow.py"
    lines = workflow.read_text("utf-8").splitlines(keepends=True)
    email = next(i for i, line in enumerate(lines) if "send_email" in line)
    lines[email], lines[email + 1] = lines[email + 1], lines[email]
    workflow.write_text("".join(lines), "utf-8")

    output = make(copy, "replay", fails=True)

    assert "notification/NotificationWorkflow/0.1.0-delivered.json" in output
    assert "order/OrderWorkflow" not in output.split("short test summary")[1]


DEBUGGING = ROOT / "docs/how-to/debug-non-determinism.md"
STEP = "        return NotificationResult("
NONDETERMINISM = {
    "timer": ("        receipts = []", "        await workflow.sleep(1)\n        receipts = []"),
    "fewer": ("            (NotificationActivities.send_push, notification.device),\n", ""),
    "more": (
        STEP,
        "        push = Message(to='a', text='b')\n"
        "        await workflow.execute_activity_method(NotificationActivities.send_push, push, **SEND)\n"
        f"{STEP}",
    ),
}


@pytest.mark.parametrize(("old", "new"), NONDETERMINISM.values(), ids=NONDETERMINISM)
def test_the_page_on_non_determinism_has_the_messages_of_the_sdk(
    old: str, new: str, copy: Path, make: Make
) -> None:
    edit(package(copy) / "workflows/notification_workflow.py", old, new)

    output = make(copy, "replay", fails=True)

    messages = re.findall(r"Nondeterminism error: (.+?\))", output)
    assert any(f"`{message}`" in DEBUGGING.read_text("utf-8") for message in messages), messages


def test_swapped_steps_of_a_saga_turn_replay_red(copy: Path, make: Make) -> None:
    workflow = package(copy) / "workflows/order_workflow.py"
    edit(workflow, "OrderActivities.charge_payment,\n", "OrderActivities.SWAP,\n")
    edit(workflow, "OrderActivities.reserve_stock,\n", "OrderActivities.charge_payment,\n")
    edit(workflow, "OrderActivities.SWAP,\n", "OrderActivities.reserve_stock,\n")

    output = make(copy, "replay", fails=True)

    assert "order/OrderWorkflow/0.1.0-completed.json" in output
    assert "order/OrderWorkflow/0.1.0-payment-refused.json" in output


def test_record_adds_histories_and_overwrites_none(copy: Path, make: Make) -> None:
    histories = copy / "tests/test_replay/histories/order/OrderWorkflow"
    before = {file.name: file.read_text("utf-8") for file in histories.iterdir()}

    make(copy, "record", "WORKFLOW=order")
    edit(copy / "pyproject.toml", 'version = "0.1.0"', 'version = "0.2.0"')
    make(copy, "record", "WORKFLOW=order")

    after = {file.name: file.read_text("utf-8") for file in histories.iterdir()}
    assert after.items() > before.items()
    assert sorted(set(after) - set(before)) == [
        "0.1.0-cancelled-2.json",
        "0.1.0-completed-2.json",
        "0.1.0-payment-refused-2.json",
        "0.1.0-shipment-refused-2.json",
        "0.1.0-withdrawn-2.json",
        "0.2.0-cancelled.json",
        "0.2.0-completed.json",
        "0.2.0-payment-refused.json",
        "0.2.0-shipment-refused.json",
        "0.2.0-withdrawn.json",
    ]
    assert " passed" in make(copy, "replay")


def test_check_runs_every_gate_even_after_a_finding(copy: Path, make: Make) -> None:
    """Files that git does not know yet count too."""
    (package(copy) / "models" / "new.py").write_text("import os\nvalue: int = 'text'\n", "utf-8")

    output = make(copy, "check", fails=True)

    assert "-value: int = 'text'" in output  # format
    assert "`os` imported but unused" in output  # lint
    assert "Incompatible types" in output  # types
    assert (
        "Each layer imports those below it, and every package has its place KEPT" in output
    )  # layers
    [summary] = [line for line in output.splitlines() if "gates are green" in line]
    assert (
        summary == "8 of 12 gates are green, red: check-format check-lint check-rules check-types"
    )


def test_check_ends_with_the_number_of_gates_that_are_green(project: Path, make: Make) -> None:
    assert make(project, "check").splitlines()[-1] == "12 of 12 gates are green"
