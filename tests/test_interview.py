"""The questions: what they ask, what they accept, and what they say about the rest."""

import keyword
import re
import sys
import tomllib
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
import yaml
from copier import run_copy

from tests.conftest import ROOT, Render
from tests.scenarios import SCENARIOS

QUESTIONS: dict[str, dict[str, Any]] = {
    name: details
    for name, details in yaml.safe_load((ROOT / "copier.yml").read_text("utf-8")).items()
    if not name.startswith("_")
}
RECIPES = ", ".join(sorted(folder.name for folder in (ROOT / "template/recipes").iterdir()))
ASKED = {name: details for name, details in QUESTIONS.items() if details.get("when") is not False}
KEYS = {
    "type", "help", "default", "placeholder", "choices", "validator", "when", "multiselect",
    "secret", "qmark",
}  # fmt: skip
SETTINGS = {
    "_min_copier_version", "_subdirectory", "_envops", "_message_before_copy", "_message_after_copy",
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_a_question_says_what_it_wants(name: str) -> None:
    details = ASKED[name]

    assert details["help"].strip()
    assert details["type"] in {"str", "bool", "int", "yaml"}
    assert "default" in details, "`copier copy --defaults` needs one"
    assert "validator" in details or "choices" in details or details["type"] == "bool"


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
        "ci": "gitlab",
        "api": "true",
        "tracing": "true",
        "payload_encryption": "true",
        "autoscaling": "hpa",
        "rollout": "versioned",
        "alert_receivers": "[slack]",
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
    # question, answer, how the message begins, and what else it says
    ("domains", "", 'write "order:saga", not ""', "at least one domain"),
    ("domains", "   ", 'write "order:saga", not "   "', "at least one domain"),
    ("domains", "order:saga,", "remove the extra comma", "empty entry"),
    ("domains", "order,order", 'list "order" once', "another name"),
    ("domains", "order:saga, order:simple", 'list "order" once', "another name"),
    ("domains", "order_1:saga, order1:saga", 'list "order_1" once', "underscores do not count"),
    ("domains", "order", 'write "order:simple", not "order"', f"the recipes are {RECIPES}"),
    (
        "domains",
        "order:sagga",
        'write "order:saga", not "order:sagga"',
        f"the recipes are {RECIPES}",
    ),
    (
        "domains",
        "order:saga:x",
        'write "order:saga", not "order:saga:x"',
        f"the recipes are {RECIPES}",
    ),
    ("domains", "class:saga", 'write "class_flow", not "class"', "keyword"),
    ("domains", "match:saga", 'write "match_flow", not "match"', "keyword"),
    ("domains", "workflows:saga", 'write "workflows_flow", not "workflows"', "layer"),
    ("domains", "shared:saga", 'write "shared_flow", not "shared"', "shared module"),
    ("domains", "Order:saga", 'write "order", not "Order"', "lower-case"),
    ("domains", "order-item:saga", 'write "order_item", not "order-item"', "underscores"),
    ("domains", "2nd_order:saga", 'write "nd_order", not "2nd_order"', "a letter first"),
    ("domains", "__order__:saga", 'write "order", not "__order__"', "single underscores"),
    ("domains", "order_:saga", 'write "order", not "order_"', "single underscores"),
    ("domains", "größe:saga", 'write "grosse", not "größe"', "lower-case letters"),
    ("domains", "日本:saga", 'write "billing", not "日本"', "lower-case letters"),
    ("domains", f"{'o' * 40}:saga", "shorten it from 40 to 39 characters", f'"{"o" * 40}"'),
    ("package_name", "", 'write "billing", not ""', "lower-case letters"),
    ("package_name", "My-Service", 'write "my_service", not "My-Service"', "underscores"),
    ("package_name", "import", 'write "import_flow", not "import"', "keyword"),
    ("package_name", "json", 'write "json_service", not "json"', "standard library"),
    ("package_name", "temporalio", 'write "temporalio_service", not "temporalio"', "depends on"),
    ("package_name", "copier", 'write "copier_service", not "copier"', "depends on"),
    ("package_name", "tests", 'write "tests_service", not "tests"', "folder"),
    ("package_name", "workers", 'write "workers_service", not "workers"', "folder"),
    ("package_name", "p" * 41, "shorten it from 41 to 40 characters", '"ppp'),
    ("project_slug", "My_Service", 'write "my-service", not "My_Service"', "hyphens"),
    ("project_slug", "pydantic-settings", 'write "pydantic-settings-service"', "depends on"),
    ("project_slug", "import-linter", 'write "import-linter-service"', "depends on"),
    ("project_name", "  ", "write a few words", "empty text"),
    ("project_name", "bell\a", "remove the control character", '"bell\\u0007"'),
    ("project_description", "", "write a few words", "empty text"),
    ("user_email", "ada", 'write it like "team@example.com"', 'not "ada"'),
    ("user_email", "ada@localhost", 'write it like "team@example.com"', 'not "ada@localhost"'),
    ("user_email", "a b@example.com", 'write it like "team@example.com"', 'not "a b@example.com"'),
    ("github_user", "acme/repo", 'write the name only, like "acme"', 'not "acme/repo"'),
    ("container_registry", "https://ghcr.io", 'write it like "ghcr.io/acme"', "no scheme"),
    ("container_registry", "ghcr.io/Acme", 'write it like "ghcr.io/acme"', "lower case"),
    ("container_registry", "ghcr.io/a:1", 'write it like "ghcr.io/acme"', 'not "ghcr.io/a:1"'),
    ("alert_receivers", "[]", "choose pagerduty, slack or both", "somebody has to hear"),
    ("api", "maybe", 'write "true" or "false", not "maybe"', "."),
    ("tracing", "maybe", 'write "true" or "false", not "maybe"', "."),
    ("payload_encryption", "maybe", 'write "true" or "false", not "maybe"', "."),
]


@pytest.mark.parametrize(("question", "answer", "fix", "rest"), REFUSED)
def test_a_wrong_answer_is_quoted_with_its_fix(
    question: str, answer: str, fix: str, rest: str, render: Render, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=question) as refusal:
        render(tmp_path / "project", **{question: answer})

    message = str(refusal.value).removeprefix(f"Validation error for question '{question}': ")
    assert message.startswith(fix)
    assert rest in message
    assert "\n" not in message
    assert not (tmp_path / "project").exists()


def test_the_scenarios_hold_each_pair_of_values_of_the_options() -> None:
    values = {
        "ci": ["github", "gitlab", "none"],
        "api": ["false", "true"],
        "tracing": ["false", "true"],
        "payload_encryption": ["false", "true"],
        "autoscaling": ["none", "hpa", "keda"],
        "rollout": ["rolling", "versioned"],
        "alert_receivers": ["[pagerduty, slack]", "[pagerduty]", "[slack]"],
    }
    pairs = combinations(
        [[(name, value) for value in choices] for name, choices in values.items()], 2
    )
    wanted = {pair for one, other in pairs for pair in product(one, other)}
    for answers in SCENARIOS.values():
        given = {(name, answers.get(name, choices[0])) for name, choices in values.items()}
        wanted -= {pair for pair in wanted if given >= set(pair)}

    assert not wanted


def test_what_is_asked_fits_into_80_columns() -> None:
    """The prompt cuts what is longer."""
    for details in ASKED.values():
        labels = details["choices"] if isinstance(details.get("choices"), dict) else []
        for line in [*details["help"].splitlines(), *labels]:
            assert len(line) <= 72, line


def test_a_domain_may_not_be_called_like_the_package(render: Render, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='write "shop_flow", not "shop": it is the name of the'):
        render(tmp_path / "project", package_name="shop", domains="shop:saga")


@pytest.mark.parametrize(
    ("project_name", "package_name"),
    [
        ("Billing Platform", "billing_platform"),
        ("3D printing", "d_printing"),
        ('Ünïcode & "quotes"', "unicode_quotes"),
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
    project = render(tmp_path, api="true", tracing="true", payload_encryption="true")
    pyproject = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
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
            file.name.removesuffix(".json") for file in (folder / "histories").iterdir()
        )
        for folder in (ROOT / "template/recipes").iterdir()
    }

    assert listed == shipped
