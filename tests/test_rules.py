"""Each rule of structure is named by what it holds and proven by snippets, in a project as rendered."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT, run
from tests.matrix.test_matrix import IDS

FOLDER = ROOT / "template/project/rules"
RULES = sorted(path.name.split(".")[0] for path in FOLDER.glob("*.yml*"))
WITHOUT_ID = {"accepted-with-reason"}  # it is about the rules themselves


def read(project: Path, name: str) -> dict[str, object]:
    data = yaml.safe_load((project / "rules" / name).read_text("utf-8"))
    assert isinstance(data, dict)
    return data


@pytest.fixture(scope="module")
def project(rendered: Callable[[str], Path]) -> Path:
    return rendered("all-recipes")


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_an_error_with_a_message(rule: str, project: Path) -> None:
    data = read(project, f"{rule}.yml")

    assert data["id"] == rule
    assert rule in WITHOUT_ID or rule.split("-", maxsplit=1)[0] in IDS
    assert data["severity"] == "error"
    assert re.search(r": .+\.$|\..+\.$", str(data["message"])), "the problem, then the remedy"


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_three_snippets_of_each_kind(rule: str, project: Path) -> None:
    data = read(project, f"tests/{rule}-test.yml")

    assert data["id"] == rule
    for kind in ("valid", "invalid"):
        snippets = data[kind]
        assert isinstance(snippets, list)
        assert len(set(snippets)) >= 3
        for snippet in snippets:
            ast.parse(snippet)


def test_no_snippets_are_left_without_a_rule(project: Path) -> None:
    tests = {path.name.removesuffix("-test.yml") for path in project.glob("rules/tests/*.yml")}

    assert tests == set(RULES)


def test_the_snippets_do_what_they_should(project: Path, tools: dict[str, str]) -> None:
    done = run(
        *("uv", "run", "--quiet", "ast-grep", "test", "--skip-snapshot-tests"),
        cwd=project,
        environment=tools | {"PATH": f"{Path(tools['UV']).parent}:/usr/bin:/bin"},
    )

    assert f"{len(RULES)} passed; 0 failed" in done.stdout


@pytest.mark.parametrize("folder", ["dist", ".hidden", "build"])
def test_what_git_ignores_is_read_all_the_same(
    folder: str, render: Callable[..., Path], tools: dict[str, str], tmp_path: Path
) -> None:
    project = render(tmp_path)
    run("git", "init", "--quiet", cwd=project)
    file = project / "src/my_temporal_service/workflows" / folder / "late.py"
    file.parent.mkdir()
    file.write_text('"""Late."""\n\nimport random\n\nTEXT = open("late")\n', "utf-8")

    for gate, found in {
        "check-lint": "TID251",
        "check-rules": "AP1-deterministic-builtins",
    }.items():
        done = run("make", gate, cwd=project, environment=tools, check=False)

        assert done.returncode
        assert re.search(rf"{folder}/late\.py.*{found}", done.stdout)
