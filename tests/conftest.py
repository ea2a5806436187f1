"""What the tests share: the template as a release, projects rendered from it, one environment."""

import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import IO

import pytest
from copier import run_copy

from tests.scenarios import SCENARIOS

ROOT = Path(__file__).parent.parent
UV = Path(sys.executable).with_name("uv")
LIMIT = 900  # seconds; the longest command takes a third of it
GIT = ["git", "-c", "user.name=tests", "-c", "user.email=tests@example.com"]

# As in a shell of its own, not below the make that runs the tests.
OUTSIDE = {
    name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
}

# Tests of a project that measure seconds, whatever its domains do; others run them.
LEFT_OUT = " ".join(
    f"--ignore=tests/{each}"
    for each in (
        "chaos",
        "load",
        "test_gateways",
        "test_integration/test_credentials.py",
        "test_runtime/test_history.py",
    )
)

Render = Callable[..., Path]

collect_ignore = ["adopted"]  # its tests are those of a project


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="accept what is rendered now")


def run(
    *command: str | Path,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run a command; its output is part of the error if it fails and `check` is set.

    It is killed after LIMIT seconds, with what it started.
    """
    # Not a pipe, which would stay open for as long as a process that was left behind.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**OUTSIDE, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        try:
            code = process.wait(LIMIT)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            sys.stdout.write(read(output))
            raise
        done = subprocess.CompletedProcess(command, code, read(output))
    if check and done.returncode:
        pytest.fail(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done


def read(file: IO[str]) -> str:
    """What was written to a file."""
    file.seek(0)
    return file.read()


def edit(file: Path, old: str | None, new: str) -> None:
    """Replace a text that stands in a file once; without one, add to its end."""
    text = file.read_text("utf-8")
    assert old is None or text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    file.write_text(text + new if old is None else text.replace(old, new), "utf-8")


def free_port() -> int:
    """A port of this machine that nobody uses, of those that no system gives away by itself."""
    for port in random.sample(range(20_000, 32_000), 1_000):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    pytest.fail("None of 1000 ports is free.")


def commit(folder: Path, *tags: str) -> None:
    """Put all of a folder into git, with tags on it."""
    run("git", "init", "--quiet", cwd=folder)
    run("git", "add", "--all", cwd=folder)
    run(*GIT, "commit", "--quiet", "--allow-empty", "--message", "state", cwd=folder)
    for tag in tags:
        run("git", "tag", tag, cwd=folder)


def release(destination: Path) -> Path:
    """The working tree, uncommitted changes included, as a release later than every real one."""
    files = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in files.stdout.rstrip("\0").split("\0"):
        if (ROOT / name).exists():
            (destination / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, destination / name)
    commit(destination, "v999.0.0")
    return destination


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for what all processes of a run have in common."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


def once(folder: Path, fill: Callable[[Path], object]) -> Path:
    """A folder that the first process which asks for it fills, and the others wait for."""
    folder.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not read(lock):
            fill(folder)
            lock.write("filled")
    return folder


@pytest.fixture(scope="session")
def template(shared: Path) -> Path:
    """The template as a release."""
    return once(shared / "template", release)


def copying(render: Render, pristine: Path) -> Render:
    """The same, but a copy of what any process has rendered before: Copier takes seconds for it."""

    def copying(destination: Path, **answers: str) -> Path:
        key = sha256(repr(sorted(answers.items())).encode()).hexdigest()
        project = once(pristine / key[:12], lambda folder: render(folder, **answers))
        return shutil.copytree(project, destination, dirs_exist_ok=True)

    return copying


@pytest.fixture(scope="session")
def render(template: Path, shared: Path) -> Render:
    """Renders a project without trust: `render(folder, answer="...")`."""

    def render(destination: Path, **answers: str) -> Path:
        run_copy(str(template), destination, data=answers, defaults=True, quiet=True, unsafe=False)
        return destination

    return copying(render, shared / "rendered")


@pytest.fixture(scope="session")
def rendered(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The project of a scenario, rendered once and only to be read."""
    projects: dict[str, Path] = {}

    def rendered(scenario: str) -> Path:
        if scenario not in projects:
            folder = tmp_path_factory.mktemp(scenario)
            projects[scenario] = render(folder, **SCENARIOS[scenario])
        return projects[scenario]

    return rendered


@pytest.fixture(scope="session")
def tools(render: Render, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment variables that let `make` in any rendered project use one set of tools."""

    def install(project: Path) -> None:
        # With every option that brings dependencies along, and what the CI of GitLab has instead of GitHub's.
        render(project, api="true", tracing="true", payload_encryption="true")
        run("make", "setup", f"UV={UV}", cwd=project)
        python = f"--python={project / '.venv/bin/python'}"
        run(UV, "pip", "install", "--quiet", python, "check-jsonschema>=0.39,<0.40", cwd=project)

    project = once(shared / "tools", install)
    return {
        "UV": str(UV),
        "UV_PROJECT_ENVIRONMENT": str(project / ".venv"),
        "UV_NO_SYNC": "1",
        "PYTHONPATH": "src",
        "MYPY_CACHE_DIR": str(tmp_path_factory.mktemp("mypy")),
    }


@pytest.fixture
def address(tools: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """The address of a real server."""
    address = f"127.0.0.1:{free_port()}"
    temporal = f"{tools['UV_PROJECT_ENVIRONMENT']}/bin/temporal"
    command = [temporal, "server", "start-dev", "--headless", "--ip=127.0.0.1"]
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(
            [*command, f"--port={address.partition(':')[2]}"], stdout=log, stderr=log
        )
    try:
        health = [temporal, "operator", "cluster", "health", f"--address={address}"]
        for _ in range(100):
            if run(*health, cwd=tmp_path, check=False).returncode == 0:
                break
            time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()
