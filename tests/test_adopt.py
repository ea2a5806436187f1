"""docs/how-to/adopt-a-project.md, done as the page says, while the old project runs."""

import json
import os
import re
import shutil
import subprocess
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar, NamedTuple

import pytest

from tests.conftest import LEFT_OUT, ROOT, UV, commit, edit, run

pytestmark = pytest.mark.e2e

PAGE = (ROOT / "docs/how-to/adopt-a-project.md").read_text("utf-8")
STEPS = dict(re.findall(r"^## (\d)\. .*?\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
BLOCK = re.compile(
    r"(?:`(?P<path>[\w./]+)`:\n\n)?^ *```(?P<kind>python|shell)\n(?P<code>.*?)^ *```$",
    re.DOTALL | re.MULTILINE,
)
FINDING = re.compile(r"\b(?:[A-Z]+\d+(?:-[a-z]+)+|TID251|D102|attr-defined)\b")
QUEUE = "ticket-office-task-queue"


class Services(BaseHTTPRequestHandler):
    """The services that the old project calls; they count what they did for whom."""

    done: ClassVar[Counter[tuple[str, str]]] = Counter()

    def do_POST(self) -> None:
        """Do what is asked for."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        what = str(body.get("booking_id") or body["reservation_id"])
        self.done[self.path.strip("/"), what] += 1
        answer = json.dumps({"id": f"reservation-{what}"}).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture
def services() -> Iterator[str]:
    """The URL of the services, which have done nothing yet."""
    Services.done.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Services) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Shell(NamedTuple):
    """Runs commands in a folder."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, code: str) -> str:
        """Run commands up to the first that fails; that is an error."""
        command = ("bash", "-euc", code)
        return run(*command, cwd=self.folder, environment=self.environment).stdout

    def red(self, command: str) -> str:
        """What a command that has to fail prints."""
        done = run(
            "bash", "-euc", command, cwd=self.folder, environment=self.environment, check=False
        )
        assert done.returncode, f"{command} is green"
        return done.stdout

    def do(self, step: str) -> None:
        """Do what a step of the page says: run its commands, write its files."""
        for block in BLOCK.finditer(STEPS[step]):
            code = textwrap.dedent(block["code"])
            if block["kind"] == "shell":
                self(code)
            else:
                (self.folder / block["path"]).write_text(code, "utf-8")

    @contextmanager
    def running(self, program: str) -> Iterator[int]:
        """A worker that is stopped in the end; yields the id of its process."""
        with (self.folder.parent / f"{self.folder.name}.log").open("a") as log:
            process = subprocess.Popen(
                [".venv/bin/python", *program.split()],
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )
        try:
            while str(process.pid) not in self(
                f"temporal task-queue describe --task-queue {QUEUE}"
            ):
                assert process.poll() is None, Path(log.name).read_text("utf-8")
                time.sleep(0.1)
            yield process.pid
        finally:
            process.terminate()
            process.wait(60)


@pytest.fixture
def environment(tools: dict[str, str], template: Path, tmp_path: Path) -> dict[str, str]:
    """What the page takes for granted: uv, Temporal's CLI, git that knows who commits."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in (UV, UV.with_name("uvx"), Path(tools["UV_PROJECT_ENVIRONMENT"], "bin/temporal")):
        (programs / program.name).symlink_to(program)
    who = {"NAME": "tests", "EMAIL": "tests@example.com"}
    return {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "TEMPLATE": str(template),
        **{f"GIT_{role}_{key}": who[key] for role in ("AUTHOR", "COMMITTER") for key in who},
    }


def findings(step: str) -> dict[str, set[str]]:
    """The findings of the table of a step, by the gate that has them."""
    found: dict[str, set[str]] = {}
    gate = ""
    for row in re.findall(r"^\|(.*)\|$", STEPS[step], re.MULTILINE):
        command, what, *_ = row.split("|")
        gate = command.strip(" `") or gate
        found.setdefault(gate, set()).update(FINDING.findall(what))
    return {gate: ids for gate, ids in found.items() if ids}


def test_the_page_as_it_stands(
    environment: dict[str, str], address: str, services: str, tmp_path: Path
) -> None:
    for folder in ("old", "project"):
        shutil.copytree(ROOT / "tests/adopted/before", tmp_path / folder)
    production = environment | {
        "TEMPORAL_ADDRESS": address,
        "SERVICES_URL": services,
        "HEALTH_PORT": "0",
    }
    old, new = (Shell(tmp_path / folder, production) for folder in ("old", "project"))
    project = Shell(new.folder, environment | {"PYTEST_ADDOPTS": LEFT_OUT})
    old("uv sync --quiet")
    commit(project.folder)

    def book(*arguments: str) -> str:
        # How it ends says nothing: about one in ten programs of the SDK aborts at the very end.
        command = (".venv/bin/python", "starter.py", *arguments)
        return run(*command, cwd=old.folder, environment=production, check=False).stdout

    with old.running("run_worker.py"):
        assert "Result: 2 seats, paid by pay-1" in book("1", "pay-1")
        assert "waiting for the payment" in book("2")
        new.do("1")
        project.do("2")
        project.do("3")

        expected = findings("4")
        assert expected.keys() == {"make check-types", "make check-lint", "make check-rules"}
        for gate, ids in expected.items():
            output = project.red(gate)
            assert {each for each in ids if each not in output} == set(), gate

        shutil.copytree(ROOT / "tests/adopted/after", project.folder, dirs_exist_ok=True)
        project.do("4")
        project.do("5")
        what_replay_sees(project)

        register, describe = (
            textwrap.dedent(block["code"]) for block in BLOCK.finditer(STEPS["6"])
        )
        new(register)
        with new.running("-m ticket_office.workers.booking_worker") as process:
            assert f"{process}@" in new(describe)
            for number in range(10, 20):  # tasks go to one worker or the other
                assert "paid by pay" in book(str(number), "pay")

    with new.running("-m ticket_office.workers.booking_worker"):
        pay(new, "2")
        assert "Result: 2 seats, paid by pay-3" in book("3", "pay-3")
        assert "waiting for the payment" in book("4")
    with old.running("run_worker.py"):  # back
        pay(old, "4")
    assert set(Services.done.values()) == {1}
    assert Services.done.total() == 2 * 14

    project("make update")
    assert project("git status --porcelain") == ""
    one_input(project)
    values = ROOT / "tests/adopted_values.py"
    run(".venv/bin/python", values, cwd=project.folder)


def pay(shell: Shell, booking: str) -> None:
    """Pay an open booking; it has to end."""
    shell(
        f"""temporal workflow signal --workflow-id booking-{booking} --name pay --input '"cash"'"""
    )
    result = shell(f"temporal workflow result --workflow-id booking-{booking}")
    assert "2 seats, paid by cash" in result


def what_replay_sees(project: Shell) -> None:
    """The names that the page promises to be noticed are, one that it warns of is not."""
    source = project.folder / "src/ticket_office"
    workflow = source / "workflows/booking_workflow.py"
    for file, before, after in (
        (workflow, '(name="BookSeats")', ""),
        (source / "activities/booking_activities.py", '(name="reserve")', ""),
        (workflow, "def pay(", "def paid("),
        (source / "models/booking_models.py", "    seats: int\n\n\nclass Res", "\n\nclass Res"),
    ):
        edit(file, before, after)
        assert "1.4.0-paid.json" in project.red("make replay"), before
        project("git restore .")
    edit(workflow, f'"{QUEUE}"', '"booking"')
    edit(workflow, "args=[booking.booking_id, booking.seats]", "args=[booking]")
    edit(workflow, "def status(", "def state(")
    project("make replay")
    project("git restore .")


def one_input(project: Shell) -> None:
    """The step that comes later: old histories go the old way, new ones the new."""
    method, patched = (block["code"] for block in BLOCK.finditer(STEPS["7"]))
    source = project.folder / "src/ticket_office"
    workflow = source / "workflows/booking_workflow.py"
    activities = source / "activities/booking_activities.py"
    edit(activities, None, "\n" + textwrap.indent(method, "    "))
    edit(activities, "import Reservation,", "import Confirmation, Reservation,")
    call = textwrap.indent(patched.partition("else:\n")[2], "    ")
    edit(workflow, call, textwrap.indent(patched, "        "))
    edit(workflow, "import Booking\n", "import Booking, Reservation\n")
    worker = source / "workers/booking_worker.py"
    edit(worker, "activities.reserve_seats,", "activities.hold_seats, activities.reserve_seats,")
    project(".venv/bin/ruff format --quiet .")
    project("make record replay")
    for gate in ("lint", "rules", "types"):
        project(f"make check-{gate}")
    recorded = project.folder / "tests/test_replay/histories/booking/BookSeats"
    assert "hold_seats" in (recorded / "1.5.0-paid-2.json").read_text("utf-8")
