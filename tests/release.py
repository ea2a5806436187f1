"""Makes a release: `make release VERSION=0.1.0`.

Checks what can be checked, dates the changelog, commits and tags; nothing is pushed.
"""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.conftest import ROOT, run

CHANGELOG = ROOT / "CHANGELOG.md"
UNRELEASED = "## Unreleased\n"
ON_UPDATE = "### On update\n"


def git(*arguments: str) -> str:
    """What git answers in this repository."""
    return run("git", *arguments, cwd=ROOT).stdout.strip()


def problems(version: str) -> list[str]:
    """What stands in the way of a release, each with its fix."""
    found = []
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        found.append(f"{version!r} is no version: make release VERSION=0.1.0")
    if git("status", "--porcelain"):
        found.append("The tree is not clean: commit or stash.")
    if git("branch", "--show-current") != "main":
        found.append("A release is made on main: git switch main")
    later = [tag for tag in git("tag", "--list", "v*").split() if number(tag) >= number(version)]
    if later:
        found.append(f"{later[-1]} is there already: choose a later version.")
    section = CHANGELOG.read_text("utf-8").partition(UNRELEASED)[2].partition("\n## ")[0]
    if ON_UPDATE not in section:
        found.append(
            f"CHANGELOG.md: say under `{ON_UPDATE.strip()}` what to do, or that it is nothing."
        )
    return found


def number(version: str) -> list[int]:
    """A version to be compared."""
    return [int(part) for part in re.findall(r"\d+", version)]


def main(version: str) -> None:
    """Release a version; exits with what stands in the way."""
    if found := problems(version):
        raise SystemExit("\n".join(found))
    text = CHANGELOG.read_text("utf-8")
    dated = f"{UNRELEASED}\n## {version} ({datetime.now(UTC):%Y-%m-%d})\n"
    Path(CHANGELOG).write_text(text.replace(UNRELEASED, dated, 1), "utf-8")
    git("commit", "--quiet", "--message", f"Release {version}", "--", str(CHANGELOG))
    git("tag", "--annotate", "--message", f"copier-temporal {version}", f"v{version}")
    print(f"v{version} is tagged. Once .ci/run is green on it: git push --follow-tags")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
