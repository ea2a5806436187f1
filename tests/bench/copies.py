"""Copies of templates, as a user starts them, and what they cost."""

import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tests.conftest import commit, release, run

COPIER = Path(sys.executable).with_name("copier")
COPY: list[str | Path] = [COPIER, "copy", "--quiet", "--defaults", "--vcs-ref", "HEAD"]
KIB = 1 if sys.platform == "darwin" else 1024  # in what the operating system counts memory


class Cost(NamedTuple):
    """What a copy took, start of Copier and its git included: seconds, and MB at most."""

    files: int
    wall: float
    cpu: float
    memory: float


class Copy:
    """A copy that runs."""

    def __init__(self, template: Path, destination: Path, *options: str | Path) -> None:
        """Start it."""
        self._destination = destination
        self._began = time.perf_counter()
        self._process = subprocess.Popen(
            [*COPY, *options, template, destination], stderr=subprocess.DEVNULL
        )

    def cost(self) -> Cost:
        """What it took, once it has ended; raises CalledProcessError if it failed. The result is removed."""
        usage = self._ended()
        wall = time.perf_counter() - self._began
        cost = Cost(
            files=sum(path.is_file() for path in self._destination.rglob("*")),
            wall=wall,
            cpu=usage.ru_utime + usage.ru_stime,
            memory=usage.ru_maxrss * KIB / 1e6,
        )
        shutil.rmtree(self._destination)
        return cost

    def _ended(self) -> resource.struct_rusage:
        _, self._process.returncode, usage = os.wait4(self._process.pid, 0)
        if self._process.returncode:
            raise subprocess.CalledProcessError(self._process.returncode, self._process.args)
        return usage


def templates(folder: Path) -> tuple[Path, Path]:
    """This template as a release, and one of the files of its default project."""
    ours = release(folder / "ours")
    pack(ours)
    run(*COPY, ours, "project", cwd=folder)
    return ours, plain(folder / "plain", folder / "project")


def plain(template: Path, project: Path) -> Path:
    """A template of the files of a rendered project, without a variable in them."""
    shutil.copytree(project, template / "project")
    (template / "copier.yml").write_text("_subdirectory: project\nname: {type: str, default: x}\n")
    commit(template)
    pack(template)
    return template


def pack(template: Path) -> None:
    """Put the objects of git into packs, as they are in a clone."""
    run("git", "gc", "--quiet", cwd=template)
