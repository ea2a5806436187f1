"""The project as git has it."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dev.layout import ROOT

TAKE_BACK = "git restore --staged --worktree . && git clean --force -d ."


def git(*arguments: str, folder: Path = ROOT) -> str:
    """What git answers in a folder; exits with its complaint."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr.strip())
    return done.stdout


def is_committed() -> bool:
    """Whether git has a commit of the project."""
    command = ["git", "rev-parse", "--quiet", "--verify", "HEAD:./Makefile"]
    return not subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode


def refuse_changes() -> None:
    """Exit if there is anything that is not committed."""
    if not is_committed():
        raise SystemExit("First let git have the project: git init && git add --all && git commit")
    if changes := git("status", "--porcelain", "--untracked-files=all", "--", "."):
        raise SystemExit(f"Commit or stash first, what comes then can be told apart:\n{changes}")


def tracked_files() -> list[str]:
    """The files that git has, and new ones that it does not ignore, as far as they exist."""
    names = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return sorted(name for name in set(names) if name and (ROOT / name).is_file())


def differing(how: str, folder: Path = ROOT) -> list[str]:
    """The files that differ from what git has, modified (`M`) or deleted (`D`)."""
    names = git("diff", "-z", "--name-only", f"--diff-filter={how}", "--relative", folder=folder)
    return names.split("\0")[:-1]


def commit_differs(path: str, pristine: Path, folder: Path = ROOT) -> bool:
    """Whether a file is committed otherwise than it is in another folder."""
    there = pristine / path
    committed = git("rev-parse", f"HEAD:./{path}", folder=folder)
    return not there.is_file() or git("hash-object", str(there), folder=folder) != committed


def bring_back(files: Iterable[str], folder: Path = ROOT) -> None:
    """Let files be as they are committed."""
    if paths := list(files):
        git("checkout", "--quiet", "HEAD", "--", *paths, folder=folder)


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


def file_differs(path: str, pristine: Path) -> bool:
    """Whether a file is not as it is in another folder."""
    here, there = ROOT / path, pristine / path
    return not there.is_file() or here.read_bytes() != there.read_bytes()


def conflicts(folder: Path = ROOT) -> str:
    """What an update left to be resolved, one a line: file, line, marker."""
    command = ["git", "grep", "--line-number", "-I", "^<<<<<<< "]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def refuse_conflicts() -> None:
    """Exit if there is anything to be resolved, with its place."""
    if found := conflicts():
        raise SystemExit(
            "Resolve what you and the template changed alike, then `git add` it, or take all back:\n"
            f"  {TAKE_BACK}\n{found}"
        )


@contextmanager
def twin() -> Iterator[Path]:
    """The project as it is committed, in a folder of its own for a while."""
    folder = tempfile.mkdtemp()
    try:
        git("worktree", "add", "--quiet", "--detach", folder)
        yield Path(folder, git("rev-parse", "--show-prefix").strip())
    finally:
        # Git locks it until it is whole, and may have been stopped before.
        with suppress(SystemExit):
            git("worktree", "unlock", folder)
        shutil.rmtree(folder, ignore_errors=True)
        git("worktree", "prune")
