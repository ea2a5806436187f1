"""`make release`, in a copy of this repository."""

import re
from pathlib import Path

import pytest

from tests.conftest import GIT, ROOT, release, run

CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """This repository before its first release, with tools to use and something to say."""
    folder = release(tmp_path / "repository")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / ".git/info/exclude").write_text(".venv\n", "utf-8")  # .gitignore means a folder
    changelog = folder / "CHANGELOG.md"
    text = changelog.read_text("utf-8").partition("## Unreleased\n")[0]
    changelog.write_text(f"{text}## Unreleased\n\n- News.\n\n### On update\n\nNothing.\n", "utf-8")
    run("git", "tag", "--delete", "v999.0.0", cwd=folder)
    run("git", "checkout", "--quiet", "-B", "main", cwd=folder)
    run("git", "config", "user.name", "tests", cwd=folder)
    run("git", "config", "user.email", "tests@example.com", cwd=folder)
    run(*GIT, "commit", "--quiet", "--all", "--message", "News", cwd=folder)
    return folder


def make_release(folder: Path, version: str, fails: bool = False) -> str:
    done = run("make", "release", f"VERSION={version}", cwd=folder, check=False)
    assert bool(done.returncode) == fails, done.stdout
    return done.stdout


def without_advice(changelog: str) -> list[str]:
    """The versions with entries that do not say what to do on update."""
    sections = [text.partition("\n") for text in re.split(r"^## ", changelog, flags=re.MULTILINE)]
    return [
        version
        for version, _, text in sections[1:]
        if text.strip() and "### On update\n" not in text
    ]


def test_a_release_is_a_dated_section_and_a_tag(repository: Path) -> None:
    make_release(repository, "0.1.0")

    text = (repository / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"## Unreleased\n\n## 0\.1\.0 \(\d{4}-\d\d-\d\d\)\n\n- News\.\n", text)
    assert without_advice(text) == []
    assert run("git", "describe", "--exact-match", cwd=repository).stdout == "v0.1.0\n"
    assert run("git", "status", "--porcelain", cwd=repository).stdout == ""


def test_what_stands_in_the_way_is_said_all_at_once(repository: Path) -> None:
    run("git", "tag", "v1.0.0", cwd=repository)
    run("git", "checkout", "--quiet", "-b", "other", cwd=repository)
    (repository / "CHANGELOG.md").write_text("## Unreleased\n\n- News.\n", "utf-8")

    output = make_release(repository, "0.9", fails=True)

    for problem in ("is no version", "not clean", "on main", "v1.0.0 is there", "### On update"):
        assert problem in output
    assert run("git", "tag", cwd=repository).stdout == "v1.0.0\n"


def test_every_release_says_what_to_do_on_update() -> None:
    assert without_advice(CHANGELOG) == []
