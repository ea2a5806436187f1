"""The questions: what they ask, what they accept, and what they say about the rest."""

import keyword
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from copier import run_copy

from tests.conftest import ROOT, Render

QUESTIONS: dict[str, dict[str, Any]] = {
    name: details
    for name, details in yaml.safe_load((ROOT / "copier.yml").read_text("utf-8")).items()
    if not name.startswith("_")
}
ASKED = {name: details for name, details in QUESTIONS.items() if details.get("when") is not False}
KEYS = {
    "type", "help", "default", "placeholder", "choices", "validator", "when", "multiselect",
    "secret", "qmark",
}  # fmt: skip
SETTINGS = {"_min_copier_version", "_subdirectory", "_envops", "_message_after_copy"}


@pytest.mark.parametrize("name", ASKED)
def test_a_question_says_what_it_wants(name: str) -> None:
    details = ASKED[name]

    assert details["help"].strip()
    assert details["type"] in {"str", "bool", "int", "yaml"}
    assert "default" in details, "`copier copy --defaults` needs one"
    assert "validator" in details or "choices" in details


def test_only_keys_that_copier_knows() -> None:
    """Copier ignores a misspelt key without a word."""
    settings = yaml.safe_load((ROOT / "copier.yml").read_text("utf-8"))

    assert {name for name in settings if name.startswith("_")} == SETTINGS
    for details in QUESTIONS.values():
        assert set(details) <= KEYS


def test_the_interview_is_short() -> None:
    assert len(ASKED) <= 20


@pytest.mark.parametrize("name", [name for name in ASKED if name != "starters"])
def test_an_answer_changes_the_project(name: str, render: Render, tmp_path: Path) -> None:
    other = {
        "project_name": "Other Name",
        "package_name": "other",
        "project_slug": "other",
        "project_description": "Something else.",
        "user_name": "Somebody",
        "user_email": "somebody@example.com",
        "github_user": "somebody",
        "python_version": "3.12",
        "container_registry": "ghcr.io/other",
        "domains": "other:simple",
    }
    fixed = {"package_name": "fixed", "project_slug": "fixed", "container_registry": "ghcr.io/x"}
    before = render(tmp_path / "before", **fixed)
    after = render(tmp_path / "after", **(fixed | {name: other[name]}))

    assert contents(before) != contents(after)


def contents(project: Path) -> dict[str, bytes]:
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in project.rglob("*")
        if path.is_file() and path.name != ".copier-answers.yml"
    }


REFUSED = [
    # question, answer, what the message quotes, what it says
    ("domains", "", '""', 'write "order:saga"'),
    ("domains", "   ", '"   "', 'write "order:saga"'),
    ("domains", "order:saga,", "empty entry", "remove the extra comma"),
    ("domains", "order,order", '"order" stands twice', "keep one"),
    ("domains", "order:saga, order:simple", '"order" stands twice', "keep one"),
    ("domains", "order_1:saga, order1:saga", '"order_1" stands twice', "another name"),
    ("domains", "order", '"order" names no recipe', 'write "order:simple"'),
    ("domains", "order:sagga", '"sagga" in "order:sagga"', "choose one of saga, simple"),
    ("domains", "order:saga:simple", '"saga:simple"', "choose one of saga, simple"),
    ("domains", "class:saga", '"class" is a Python keyword', '"class_flow"'),
    ("domains", "match:saga", '"match" is a Python keyword', '"match_flow"'),
    ("domains", "workflows:saga", '"workflows" is the name of a layer', '"workflows_flow"'),
    ("domains", "shared:saga", '"shared" is the name of a layer', '"shared_flow"'),
    ("domains", "Order:saga", '"Order"', 'write "order"'),
    ("domains", "order-item:saga", '"order-item"', 'write "order_item"'),
    ("domains", "2nd_order:saga", '"2nd_order"', 'write "nd_order"'),
    ("domains", "__order__:saga", '"__order__"', 'write "order"'),
    ("domains", "order_:saga", '"order_"', 'write "order"'),
    ("domains", "größe:saga", '"größe"', 'write "gr_e"'),
    ("domains", "日本:saga", '"日本"', '"billing"'),
    ("domains", f"{'o' * 40}:saga", f'"{"o" * 40}" has 40 characters', "at most 39"),
    ("package_name", "", '""', '"billing"'),
    ("package_name", "My-Service", '"My-Service"', 'write "my_service"'),
    ("package_name", "import", '"import" is a Python keyword', '"import_flow"'),
    ("package_name", "json", '"json" is a module of Python', '"json_service"'),
    ("package_name", "temporalio", '"temporalio" is a package', '"temporalio_service"'),
    ("package_name", "copier", '"copier" is a package', '"copier_service"'),
    ("package_name", "tests", '"tests" is the name of a folder', '"tests_service"'),
    ("package_name", "workers", '"workers" is the name of a folder', '"workers_service"'),
    ("package_name", "p" * 41, "has 41 characters", "at most 40"),
    ("project_slug", "My_Service", '"My_Service"', 'write "my-service"'),
    ("project_slug", "pydantic-settings", '"pydantic-settings" is a package', "-service"),
    ("project_slug", "import-linter", '"import-linter" is a package', "-service"),
    ("project_name", "  ", "An empty text", "write a few words"),
    ("project_name", "bell\a", '"bell\\u0007"', "remove it"),
    ("project_description", "", "An empty text", "write a few words"),
    ("user_email", "ada", '"ada"', "team@example.com"),
    ("user_email", "ada@localhost", '"ada@localhost"', "team@example.com"),
    ("user_email", "a b@example.com", '"a b@example.com"', "team@example.com"),
    ("github_user", "acme/repo", '"acme/repo"', 'like "acme"'),
    ("container_registry", "https://ghcr.io/acme", '"https://ghcr.io/acme"', '"ghcr.io/acme"'),
    ("container_registry", "ghcr.io/Acme", '"ghcr.io/Acme"', "lower case"),
    (
        "container_registry",
        "ghcr.io/acme:latest",
        '"ghcr.io/acme:latest"',
        "without scheme and tag",
    ),
]


@pytest.mark.parametrize(("question", "answer", "quote", "fix"), REFUSED)
def test_a_wrong_answer_is_quoted_with_its_fix(
    question: str, answer: str, quote: str, fix: str, render: Render, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=question) as refusal:
        render(tmp_path / "project", **{question: answer})

    message = str(refusal.value)
    assert quote in message
    assert fix in message
    assert "\n" not in message
    assert not (tmp_path / "project").exists()


def test_a_domain_may_not_be_called_like_the_package(render: Render, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='"shop" is the name of the package'):
        render(tmp_path / "project", package_name="shop", domains="shop:saga")


@pytest.mark.parametrize(
    ("project_name", "package_name"),
    [
        ("Billing Platform", "billing_platform"),
        ("3D printing", "d_printing"),
        ("日本", "temporal_service"),
        ("Temporalio", "temporalio_service"),
        ("JSON", "json_service"),
        ("Class", "class_service"),
        ("x" * 60, "x" * 40),
        (f"{'y' * 39} z", "y" * 39),
    ],
)
def test_the_package_name_is_derived_and_always_valid(
    project_name: str, package_name: str, render: Render, tmp_path: Path
) -> None:
    project = render(tmp_path, project_name=project_name)

    assert (project / "src" / package_name).is_dir()


def test_starters_only_fill_in_the_domains(template: Path, tmp_path: Path) -> None:
    run_copy(str(template), tmp_path, data={"starters": ["order:saga"]}, defaults=True, quiet=True)
    answers = yaml.safe_load((tmp_path / ".copier-answers.yml").read_text("utf-8"))

    assert answers["domains"] == "order:saga"
    assert "starters" not in answers


def words(name: str) -> set[str]:
    """A word list of the checks."""
    source = (ROOT / "template/interview/checks.jinja").read_text("utf-8")
    found = re.search(rf"{{% set {name} = \(?(.*?)\)?\.split\(\) %}}", source, re.DOTALL)
    assert found
    return set("".join(re.findall(r"'([^']*)'", found[1])).split())


def test_the_keywords_are_those_of_python() -> None:
    assert words("keywords") >= {*keyword.kwlist, *keyword.softkwlist}


def test_the_standard_library_is_complete() -> None:
    modules = {name for name in sys.stdlib_module_names if not name.startswith("_")}

    assert words("standard_library") >= modules


def test_the_dependencies_are_those_of_the_projects(render: Render, tmp_path: Path) -> None:
    pyproject = tomllib.loads((render(tmp_path) / "pyproject.toml").read_text("utf-8"))
    wanted = [*pyproject["project"]["dependencies"], *pyproject["dependency-groups"]["dev"]]
    names = {re.split(r"[^a-z0-9-]", requirement)[0] for requirement in wanted}

    assert {name.replace("-", "_") for name in names} <= {
        *words("dependencies"),
        *(name.replace("-", "_") for name in words("distributions")),
    }


def test_every_recipe_is_a_folder_with_its_histories() -> None:
    source = (ROOT / "template/interview/recipes.jinja").read_text("utf-8")
    listed = {
        recipe: re.findall(r"'([^']+)'", histories)
        for recipe, histories in re.findall(r"'(\w+)': {'histories': \[(.*?)\]}", source)
    }
    shipped = {
        folder.name: sorted(
            file.name.removesuffix(".json.jinja") for file in (folder / "histories").iterdir()
        )
        for folder in (ROOT / "template/recipes").iterdir()
    }

    assert listed == shipped
