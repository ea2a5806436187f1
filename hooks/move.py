"""A migration: moves files of a project to where a release of the template has them, with their edits.

    python move.py OLD NEW [OLD NEW ...]

`copier update` runs it in the project, once before it merges and once after, if `_migrations` in copier.yml names it for
a release that the update crosses. Such a release moves files and changes nothing in them: Copier knows no earlier
version of a file in a new place, so the project's own is taken. It is harmless to run it again, and for files that the
project does not have.
"""

import os
import subprocess
import sys
from pathlib import Path


def git(*arguments: str) -> str:
    """What git answers in the project."""
    return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout


def move(old: str, new: str) -> None:
    """Move a file unless it is gone, or has been moved.

    Git has to know: of a file that it does not know, Copier would drop the edits.
    """
    if Path(old).is_file() and not Path(new).exists():
        Path(new).parent.mkdir(parents=True, exist_ok=True)
        git("mv", old, new)
        print(f"{old} moved to {new}")


def settle(new: str) -> None:
    """Take the project's own version of a moved file, if Copier could not tell which is newer."""
    if git("ls-files", "--unmerged", "--", new):
        git("checkout", "--ours", "--", new)
        git("add", "--", new)


def main(arguments: list[str], stage: str) -> None:
    """Move each pair of paths, which are relative to the project; exits if one has no second."""
    if len(arguments) % 2 or not arguments:
        raise SystemExit(__doc__)
    for old, new in zip(arguments[::2], arguments[1::2], strict=True):
        if stage == "after":
            settle(new)
        else:
            move(old, new)


if __name__ == "__main__":
    main(sys.argv[1:], os.environ.get("STAGE", "before"))
