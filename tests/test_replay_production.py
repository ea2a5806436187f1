"""`make replay-production` in front of a real server, whose namespace is encrypted and full of workflows."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import ROOT, Render, commit, edit, free_port, run

pytestmark = pytest.mark.e2e

EXECUTIONS = 200
SECONDS = 30

WORKFLOWS = "src/my_temporal_service/workflows"
ORDER = f"{WORKFLOWS}/order_workflow.py"
NOTIFICATION = f"{WORKFLOWS}/notification_workflow.py"

# What the samples of the domains are made of.
PAYLOADS = re.compile("tok-visa|customer-7|ada@example|49 30|Your parcel|lamp|4990")

KEY = "production=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
OTHER_KEY = "other=MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

EMAIL = "            (NotificationActivities.send_email, notification.email),\n"
SMS = "            (NotificationActivities.send_sms, notification.phone),\n"
BODY = "        receipts = []\n"
LOOP = "        for send, address in routes:\n"


@dataclass
class Server:
    """A real server with the namespace `production`."""

    temporal: Path
    port: int = field(default_factory=free_port)

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to reach it."""
        address = f"127.0.0.1:{self.port}"
        return {
            "TEMPORAL_ADDRESS": address,
            "TEMPORAL_NAMESPACE": "production",
            "PAYLOAD_KEYS": KEY,
        }

    def cli(self, *arguments: str) -> str:
        """What the command line of Temporal answers."""
        return run(self.temporal, *arguments, cwd=ROOT, environment=self.environment).stdout


@pytest.fixture(scope="module")
def server(tools: dict[str, str]) -> Iterator[Server]:
    server = Server(Path(tools["UV_PROJECT_ENVIRONMENT"]) / "bin/temporal")
    command = "server start-dev --headless --ip=127.0.0.1 --namespace=production --log-level=never"
    with subprocess.Popen(
        [server.temporal, *command.split(), f"--port={server.port}"], stdout=subprocess.DEVNULL
    ) as process:
        try:
            health = "operator", "cluster", "health"
            while run(
                server.temporal, *health, cwd=ROOT, environment=server.environment, check=False
            ).returncode:
                assert process.poll() is None
            yield server
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def released(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of which workers run in production."""
    project = tmp_path_factory.mktemp("production") / "project"
    render(project, payload_encryption="true")
    commit(project)
    return project


@pytest.fixture(scope="module")
def live(server: Server, released: Path, tools: dict[str, str]) -> Server:
    """The server, when it has workflows."""
    shutil.copy(ROOT / "tests/live_namespace.py", released / "dev")
    python = Path(tools["UV_PROJECT_ENVIRONMENT"]) / "bin/python"
    command = "-m", "dev.live_namespace", str(EXECUTIONS)
    run(python, *command, cwd=released, environment=tools | server.environment)
    (released / "dev/live_namespace.py").unlink()
    while f"Total: {EXECUTIONS}" not in server.cli("workflow", "count"):
        time.sleep(0.2)
    return server


@pytest.fixture
def project(released: Path, tmp_path: Path) -> Path:
    """The same project, to be changed."""
    return shutil.copytree(released, tmp_path / "project")


Replay = Callable[..., tuple[bool, str]]


@pytest.fixture
def replay(live: Server, project: Path, tools: dict[str, str], tmp_path: Path) -> Replay:
    """Runs the command, which leaves nothing behind and prints no payloads: whether it is green, and what it says."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def replay(*options: str, **environment: str) -> tuple[bool, str]:
        before = status(project)
        done = run(
            "make",
            "replay-production",
            *options,
            cwd=project,
            environment=tools | live.environment | {"TMPDIR": str(scratch)} | environment,
            check=False,
        )
        assert status(project) == before
        left = [file for file in scratch.iterdir() if not re.fullmatch(r"uv-\w+\.lock", file.name)]
        assert not left
        assert not PAYLOADS.search(done.stdout), done.stdout
        assert "Traceback" not in done.stdout, done.stdout
        return not done.returncode, done.stdout

    return replay


def status(project: Path) -> str:
    """What git sees, ignored files included, but for caches of Python."""
    listing = run("git", "status", "--porcelain", "--ignored", "-uall", cwd=project).stdout
    return "\n".join(line for line in listing.splitlines() if "__pycache__" not in line)


def test_a_compatible_change_passes(replay: Replay, project: Path) -> None:
    patch = '        if workflow.patched("pause-first"):\n            await workflow.sleep(1)\n'
    edit(project / NOTIFICATION, BODY, patch + BODY)
    edit(project / ORDER, "# How long", "# In seconds, how long")

    began = time.monotonic()
    green, output = replay(f"LIMIT={EXECUTIONS}")
    seconds = time.monotonic() - began

    assert green, output
    assert f"{EXECUTIONS} histories replayed on 0.1.0, none failed." in output
    assert "| order | OrderWorkflow | 50 | 50 | 0 | 0 |" in output
    assert "| notification | NotificationWorkflow | 50 | 50 | 0 | 0 |" in output
    assert seconds <= SECONDS


def test_an_incompatible_change_fails_with_the_workflows(replay: Replay, project: Path) -> None:
    edit(project / NOTIFICATION, EMAIL + SMS, SMS + EMAIL)

    green, output = replay("LIMIT=4")

    assert not green
    assert "16 histories replayed on 0.1.0, 8 failed." in output
    lines = re.findall(r"^- (.*)", output, re.MULTILINE)
    assert len(lines) == 8
    for line in lines:
        assert re.match(
            r"notification: NotificationWorkflow `notification-.*-(open|closed)-\d+`, run [\w-]+,"
            r" (running|completed|failed): .*TMPRL1100.*'send_email'.*'send_sms'",
            line,
        ), line


def test_what_core_says_of_an_event_is_left_out(replay: Replay, project: Path) -> None:
    child = (
        "        await workflow.execute_child_workflow(NotificationWorkflow.run, notification)\n"
    )
    edit(project / NOTIFICATION, BODY, child + BODY)

    green, output = replay("LIMIT=1")

    assert not green
    says = (
        "Child workflow machine does not handle this event: HistoryEvent 5, ActivityTaskScheduled"
    )
    assert re.search(f"TMPRL1100.*{says}$", output, re.MULTILINE)


def test_what_code_says_of_payloads_is_left_out(replay: Replay, project: Path) -> None:
    leak = (
        "        import sys\n"
        "        print(notification)\n"
        "        print(notification, file=sys.stderr)\n"
        "        workflow.logger.logger.error(notification)\n"
        "        raise ValueError(notification)\n"
    )
    edit(project / NOTIFICATION, BODY, leak + BODY)

    green, output = replay("LIMIT=1")

    assert not green
    assert re.search(
        rf"its code fails with ValueError at {NOTIFICATION}:\d+$", output, re.MULTILINE
    )


def test_closed_ones_from_before_a_time_may_be_left_out(replay: Replay) -> None:
    green, output = replay("LIMIT=1", "SINCE=2999-01-01")

    assert green
    assert "| order | OrderWorkflow | 1 | 0 | 0 | 0 |" in output


def test_with_another_key_nothing_is_green(replay: Replay) -> None:
    green, output = replay("LIMIT=1", PAYLOAD_KEYS=OTHER_KEY)

    assert not green
    assert output.count("its input cannot be read (UnknownKeyError") == 8, (
        "at once, and in the report"
    )


def test_a_type_that_no_worker_knows_is_named(replay: Replay, live: Server) -> None:
    start = ["workflow", "start", "--type"]
    live.cli(*start, "Forgotten", "--task-queue", "order", "--workflow-id", "forgotten")
    live.cli(*start, "Theirs", "--task-queue", "theirs", "--workflow-id", "theirs")
    while "forgotten" not in live.cli("workflow", "list", "--query", "WorkflowType='Forgotten'"):
        time.sleep(0.2)

    green, output = replay("LIMIT=1")
    live.cli("workflow", "delete", "--yes", "--workflow-id", "forgotten")

    assert not green
    assert "4 histories replayed on 0.1.0, 1 failed." in output
    assert "- order: Forgotten `forgotten`, run " in output
    assert "theirs" not in output


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"TEMPORAL_ADDRESS": "", "TEMPORAL_CONFIG_FILE": "/dev/null"}, "Which namespace?"),
        ({"TEMPORAL_ADDRESS": "127.0.0.1:1"}, "No connection to 127.0.0.1:1, look at"),
        ({"TEMPORAL_NAMESPACE": "default"}, "There is nothing to replay."),
        ({"LIMIT": "0"}, "LIMIT=0: give a whole number above 0"),
    ],
)
def test_no_answer_is_not_green(replay: Replay, environment: dict[str, str], says: str) -> None:
    green, output = replay(CONNECT_TIMEOUT_SECONDS="1", **environment)

    assert not green
    assert says in output
    assert "make: *** [Makefile:" in output
    assert "Error 2" in output


def test_an_empty_namespace_may_be_an_answer(replay: Replay) -> None:
    green, output = replay("ALLOW_EMPTY=1", TEMPORAL_NAMESPACE="default")

    assert green, output
    assert "0 histories replayed" in output
