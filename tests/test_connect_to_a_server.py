"""docs/how-to/connect-to-a-server.md, done as the page says, on a second server of this machine."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import OUTSIDE, ROOT, Render, free_port, run

PAGE = (ROOT / "docs/how-to/connect-to-a-server.md").read_text("utf-8")
PREPARE, WORK, DESCRIBE = re.findall(r"```shell\n(.*?)```", PAGE, re.DOTALL)
NAMESPACE = "my-temporal-service-staging"
SECONDS = 30


class Reader:
    """Somebody who follows the page in a project."""

    def __init__(self, project: Path, address: str, tools: dict[str, str]) -> None:
        """Use a server, with the tools of all projects."""
        self.project = project
        self.address = address
        self.environment = tools
        self.health = f"127.0.0.1:{free_port()}"
        self.services = f"http://127.0.0.1:{free_port()}"

    def written(self, code: str) -> str:
        """What the page says, with the addresses that there are here."""
        programs = f"{self.environment['UV_PROJECT_ENVIRONMENT']}/bin/"
        return (
            code.replace("temporal.example.com:7233", self.address)
            .replace("https://services.example.com", self.services)
            .replace(".venv/bin/", programs)
        )

    def shell(self, code: str, **environment: str) -> str:
        """Run commands."""
        return run(
            "bash", "-euc", self.written(code), cwd=self.project,
            environment=self.environment | environment,
        ).stdout  # fmt: skip

    @contextmanager
    def leaves_running(self, code: str, log: Path, **environment: str) -> Iterator[None]:
        """A command in another terminal, whose output goes into a file."""
        with log.open("w") as file:
            process = subprocess.Popen(
                ["bash", "-c", f"exec env {self.written(code).strip()}"], cwd=self.project,
                env=OUTSIDE | self.environment | environment, stdout=file, stderr=file,
            )  # fmt: skip
        try:
            yield
            assert process.poll() is None, log.read_text("utf-8")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)

    @contextmanager
    def works(self, log: Path, **environment: str) -> Iterator[str]:
        """The worker of the page until it is ready; the first line of its log."""
        port = self.health.partition(":")[2]
        with self.leaves_running(WORK, log, HEALTH_PORT=port, **environment):
            until(lambda: "observed at" in log.read_text("utf-8"))
            until(self.is_ready)
            yield log.read_text("utf-8").splitlines()[0]

    def is_ready(self) -> bool:
        """What the page asks by curl."""
        try:
            with urllib.request.urlopen(f"http://{self.health}/readyz", timeout=5) as answer:
                return bool(json.loads(answer.read()) == {"status": "ready"})
        except OSError:
            return False


def until(condition: Callable[[], bool]) -> None:
    """Wait for something."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, condition
        time.sleep(0.1)


@pytest.fixture
def reader(render: Render, address: str, tools: dict[str, str], tmp_path: Path) -> Reader:
    assert not [name for name in os.environ if name.startswith("TEMPORAL_")]
    return Reader(render(tmp_path / "project"), address, tools)


@pytest.mark.e2e
def test_the_page_as_it_stands(reader: Reader, tmp_path: Path) -> None:
    reader.shell(PREPARE)
    connected = f"connected to {reader.address}, namespace {NAMESPACE}, no TLS, no API key"
    there = {"TEMPORAL_ADDRESS": reader.address, "TEMPORAL_NAMESPACE": NAMESPACE}
    stand_ins = f".venv/bin/python -m dev.services --port {reader.services.rpartition(':')[2]}"
    with reader.leaves_running(stand_ins, tmp_path / "services.log"):
        with reader.works(tmp_path / "worker.log", **there) as line:
            assert connected in line
            assert re.search(r"UNVERSIONED +workflow +\d+@", reader.shell(DESCRIBE, **there))
            assert "workflow completed" in reader.shell("make run WORKFLOW=order", **there)

        profile = tmp_path / "temporal.toml"
        profile.write_text(
            f'[profile.staging]\naddress = "{reader.address}"\nnamespace = "{NAMESPACE}"\n', "utf-8"
        )
        named = {"TEMPORAL_CONFIG_FILE": str(profile), "TEMPORAL_PROFILE": "staging"}
        with reader.works(tmp_path / "worker.log", **named) as line:
            assert connected in line


@pytest.mark.e2e
def test_stand_ins_keep_away_from_a_server_elsewhere(reader: Reader) -> None:
    tests = ".venv/bin/python -m pytest tests/test_integration/test_search_attributes.py"
    for command in ("make dev", "make record", "make run WORKFLOW=order", tests):
        answer = reader.shell(f"! {command}", TEMPORAL_ADDRESS="staging.invalid:7233")

        assert "set ALLOW_REMOTE_SERVER=1 if" in " ".join(answer.split()), command


def test_every_variable_of_the_page_is_one_of_the_connection() -> None:
    settings = ROOT / "template/project/src/{{ package_name }}/runtime/settings.py"
    named = set(re.findall(r"TEMPORAL_\w+", PAGE))

    assert named <= set(re.findall(r'"(TEMPORAL_\w+)"', settings.read_text("utf-8")))
