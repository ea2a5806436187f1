"""The project as git has it."""

import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from dev.layout import ROOT

TAKE_BACK = "git restore --staged --worktree . && git clean --force -d ."


def git(*arguments: str) -> str:
    """What git answers; exits with its complaint."""
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr.strip())
    return done.stdout


def refuse_changes() -> None:
    """Exit if there is anything that is not committed."""
    if changes := git("status", "--porcelain", "--", "."):
        raise SystemExit(f"Commit or stash first, what comes then can be told apart:\n{changes}")


def tracked_files() -> list[str]:
    """The files that git has, and new ones that it does not ignore, as far as they exist."""
    names = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return sorted(name for name in set(names) if name and (ROOT / name).is_file())


def bring_back(files: Iterable[str]) -> None:
    """Let files be as they are committed."""
    if paths := list(files):
        git("checkout", "--quiet", "HEAD", "--", *paths)


def remove(files: Iterable[str]) -> None:
    """Remove files, and the folders that they leave empty."""
    for path in (ROOT / file for file in files):
        path.unlink(missing_ok=True)
        with suppress(OSError):  # something is left
            for folder in path.parents:
                folder.rmdir()


def move(old: str, new: str) -> None:
    """Move a file, and remove the folders that it leaves empty."""
    (ROOT / new).parent.mkdir(parents=True, exist_ok=True)
    (ROOT / old).rename(ROOT / new)
    remove([old])


def changed(path: str, pristine: Path) -> bool:
    """Whether a file is not as it is in another folder."""
    here, there = ROOT / path, pristine / path
    return not there.is_file() or here.read_bytes() != there.read_bytes()


def conflicts() -> str:
    """What an update left to be resolved, one a line: file, line, kind."""
    command = ["git", "diff", "--check"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
