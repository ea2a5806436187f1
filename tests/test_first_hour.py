"""docs/tutorial/first-hour.md, done as the page says: every command, every edit, and what it says is printed."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
import pytest

from tests.conftest import LEFT_OUT, OUTSIDE, ROOT, UV, free_port, release, run
from tests.test_prompts import QUESTIONS

pytestmark = pytest.mark.e2e

PAGE = (ROOT / "docs/tutorial/first-hour.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
SECONDS = 120  # until what is printed is what the page says


@dataclass
class Reader:
    """Somebody who follows the page, with two terminals; the second prints into `log`."""

    folder: Path
    log: Path
    environment: dict[str, str]
    ports: dict[str, str] = field(
        default_factory=lambda: {port: str(free_port()) for port in ("7233", "8233", "8280")}
    )
    last: str = ""  # what was run
    output: str = ""
    failed: bool = False

    @property
    def settings(self) -> dict[str, str]:
        """The ports, for somebody else may use the usual ones."""
        names = ("TEMPORAL_PORT", "UI_PORT", "SERVICES_PORT")
        return self.environment | dict(zip(names, self.ports.values(), strict=True))

    def shell(self, code: str) -> None:
        """Run commands; the folder in which they end is that of the next ones."""
        environment = self.settings
        if ".venv/bin/temporal" in code:
            environment |= {"TEMPORAL_ADDRESS": f"127.0.0.1:{self.ports['7233']}"}
        where = self.log.with_name("folder")
        done = run(
            "bash", "-euc", f"trap 'pwd > {where}' EXIT\n{code}",
            cwd=self.folder, environment=environment, check=False,
        )  # fmt: skip
        self.folder = Path(where.read_text("utf-8").strip())
        self.last, self.output, self.failed = code, done.stdout, bool(done.returncode)

    def sees(self, text: str) -> None:
        """What the page says is printed is, in either terminal; a failure only where it says so."""
        for port, ours in self.ports.items():
            text = text.replace(port, ours)
        lines = [line.strip().split("…") for line in text.splitlines()]
        patterns = [".*".join(map(re.escape, parts)) for parts in lines]
        looks = self.last.startswith(".venv/bin/temporal workflow show")
        for _ in range(SECONDS):
            printed = self.output + self.log.read_text("utf-8")
            missing = [pattern for pattern in patterns if not re.search(pattern, printed)]
            if not missing:
                break
            time.sleep(1)
            if looks:
                self.shell(self.last)
        assert not missing, f"{missing} in {printed}"

    def edits(self, diff: str) -> None:
        """Apply what a block shows."""
        patch = self.log.with_name("edit.diff")
        patch.write_text(diff, "utf-8")
        run("git", "apply", patch, cwd=self.folder)

    def answers(self, code: str) -> None:
        """Have the interview that a command begins."""
        environment = {**OUTSIDE, **self.environment, "PROMPT_TOOLKIT_NO_CPR": "1"}
        terminal = pexpect.spawn(
            "bash", ["-c", code], cwd=self.folder, env=environment,
            encoding="utf-8", timeout=60, dimensions=(50, 200),
        )  # fmt: skip
        given = re.search(
            r"Empty the first one with Ctrl-U and type `(.+?)`; take all others as they stand", PAGE
        )
        assert given
        terminal.expect("project called")
        terminal.send(f"\x15{given[1]}\r")
        for question in QUESTIONS:
            terminal.expect(question)
            terminal.send("\r")
        terminal.expect(pexpect.EOF)
        terminal.close()
        self.last, self.output, self.failed = code, "", bool(terminal.exitstatus)

    @contextmanager
    def leaves_running(self, code: str) -> Iterator[None]:
        """A command in the second terminal, which Ctrl-C ends."""
        with self.log.open("w") as log:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {code}"], cwd=self.folder, env={**OUTSIDE, **self.settings},
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.last, self.output, self.failed = code, "", False
        try:
            yield
            assert process.poll() is None, self.log.read_text("utf-8")
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(60)


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """Somebody who has a clone, whose environment is that of this repository."""
    (tmp_path / "clone").mkdir()
    clone = release(tmp_path / "clone")
    (clone / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (clone / ".venv" / name).symlink_to(UV.parent.parent / name)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "uv").symlink_to(UV)
    log = tmp_path / "dev.log"
    log.touch()
    environment = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTEST_ADDOPTS": LEFT_OUT,
    }
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": "tests", f"GIT_{role}_EMAIL": "tests@example.com"}
    return Reader(clone, log, environment)


def test_the_page_as_it_stands(reader: Reader) -> None:
    blocks = iter([*BLOCKS, ("end", "")])
    follow(reader, blocks)
    assert next(blocks, None) is None

    assert "Everything is stopped" in reader.log.read_text("utf-8")
    assert run("git", "status", "--porcelain", cwd=reader.folder).stdout == ""


def follow(reader: Reader, blocks: Iterator[tuple[str, str]]) -> None:
    """Do what the blocks say."""
    before = ""
    for kind, text in blocks:
        if before == "shell" and not (kind == "text" and "workflow failed" in text):
            assert reader.failed == (kind == "text" and "make: ***" in text), reader.output
        before = kind
        match kind:
            case "text":
                reader.sees(text)
            case "diff":
                reader.edits(text)
            case "python":
                files = reader.folder.glob("src/**/*.py")
                assert any(text in file.read_text("utf-8") for file in files), text
            case "shell" if text.startswith("make new"):
                reader.answers(text)
            case "shell" if text.startswith("make dev"):
                with reader.leaves_running(text):
                    follow(reader, blocks)
            case "shell":
                reader.shell(text)
            case "end":
                return
            case _:
                raise AssertionError(f"a block of a kind that nobody follows: {kind}")
