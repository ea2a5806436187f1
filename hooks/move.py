"""A migration: moves files of a project to where a release of the template has them.

    python move.py OLD NEW [OLD NEW ...]

`copier update` runs it in the project before it merges, if `_migrations` in copier.yml names it for a release
that the update crosses. Without it, what was edited in the old place would be lost. Such a release moves files
and changes nothing in them: Copier has no common ancestor of a moved file to merge with. To be run again is
harmless, and so is a file that the project does not have.
"""

import sys
from pathlib import Path


def move(old: Path, new: Path) -> bool:
    """Move a file unless it is gone, or has been moved; false if there was nothing to do."""
    if not old.is_file() or new.exists():
        return False
    new.parent.mkdir(parents=True, exist_ok=True)
    old.rename(new)
    return True


def main(arguments: list[str]) -> None:
    """Move each pair of paths, which are relative to the project; exits with this text if one has no second."""
    if len(arguments) % 2:
        raise SystemExit(__doc__)
    for old, new in zip(arguments[::2], arguments[1::2], strict=True):
        if move(Path(old), Path(new)):
            print(f"{old} moved to {new}")


if __name__ == "__main__":
    main(sys.argv[1:])
