"""The three releases of docs/how-to/change-a-workflow.md, done as the page says."""

import re
import textwrap
from pathlib import Path

import pytest

from tests.conftest import ROOT, UV, Render, run

PAGE = (ROOT / "docs/how-to/change-a-workflow.md").read_text("utf-8")
BEFORE, PATCHED, EXPECTED, DEPRECATED, REMOVED = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def project(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = render(tmp_path_factory.mktemp("patch"), domains="notification:simple")
    run("make", "setup", f"UV={UV}", cwd=folder)
    return folder


def write_routes(project: Path, old: str, new: str) -> None:
    file = project / "src/my_temporal_service/workflows/notification_workflow.py"
    text = file.read_text("utf-8")
    indented = textwrap.indent(old, "        ")
    assert text.count(indented) == 1
    file.write_text(text.replace(indented, textwrap.indent(new, "        ")), "utf-8")


def expect(project: Path, line: str) -> None:
    """Let the test of the order expect this."""
    file = project / "tests/test_workflows/test_notification_workflow.py"
    text = file.read_text("utf-8")
    before = re.findall(r"    assert sent\(ledger, key\) == \[.*,.*,.*\]\n", text)
    assert len(before) == 1
    file.write_text(text.replace(before[0], line), "utf-8")


def tests_are_green(project: Path) -> None:
    command = ["run", "pytest", "tests/test_workflows", "tests/test_runtime/test_domains.py"]
    run(UV, *command, cwd=project)


def release(project: Path, version: str) -> None:
    file = project / "pyproject.toml"
    file.write_text(
        re.sub(
            r'^version = ".*"$',
            f'version = "{version}"',
            file.read_text("utf-8"),
            flags=re.MULTILINE,
        ),
        "utf-8",
    )
    run("make", "record", f"UV={UV}", cwd=project)


def forget(project: Path, version: str) -> None:
    for file in project.glob(f"tests/test_replay/histories/*/*/{version}-*.json"):
        file.unlink()


def red(project: Path) -> set[str]:
    """The versions whose histories do not replay."""
    done = run("make", "replay", f"UV={UV}", cwd=project, check=False)
    failed = set(re.findall(r"SUBFAILED\[.*/(\d+\.\d+\.\d+)-", done.stdout))
    assert bool(done.returncode) == bool(failed), done.stdout
    return failed


def test_the_page_as_it_stands(project: Path) -> None:
    write_routes(project, BEFORE, REMOVED)
    assert red(project) == {"0.1.0"}, "a change at once"

    write_routes(project, REMOVED, PATCHED)
    expect(project, EXPECTED)
    release(project, "0.2.0")
    assert red(project) == set()
    tests_are_green(project)

    write_routes(project, PATCHED, DEPRECATED)
    assert red(project) == {"0.1.0"}, "too early: old runs are open"
    release(project, "0.3.0")
    forget(project, "0.1.0")
    assert red(project) == set()

    write_routes(project, DEPRECATED, REMOVED)
    assert red(project) == {"0.2.0"}, "too early: runs that have the patch are open"
    release(project, "0.4.0")
    forget(project, "0.2.0")
    assert red(project) == set()
    tests_are_green(project)
    run("make", "check", f"UV={UV}", cwd=project)
