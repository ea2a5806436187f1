"""`make domain`, `make remove-domain` and `make rename-domain` of a project, really run."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pexpect
import pytest
import yaml
from copier import run_update

from tests.conftest import LEFT_OUT, ROOT, UV, Render, commit, edit, run
from tests.scenarios import ALL

DOWN, ENTER, CLEAR = "\x1b[B", "\r", "\x15"
LISTS = {
    "Dockerfile": 4,
    "compose.yaml": 4,
    "deploy/kubernetes/overlays/development/kustomization.yaml": 1,
    "deploy/kubernetes/overlays/production/kustomization.yaml": 1,
    "deploy/kubernetes/overlays/staging/kustomization.yaml": 1,
}
WORKFLOWS = "src/my_temporal_service/workflows"
EDITED = f"{WORKFLOWS}/order_workflow.py"
ADDED = "src/my_temporal_service/contracts/order_contract.py"

QUICK = {"PYTEST_ADDOPTS": LEFT_OUT}

Make = Callable[..., str]


@pytest.fixture(scope="module")
def edited(render: Render, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default project with edits, committed; its template has gone on since. Only to be read."""
    newer = shutil.copytree(template, tmp_path_factory.mktemp("newer") / "template")
    shared = newer / "template/project/src/{{ package_name }}/models/base.py"
    shared.write_text(shared.read_text("utf-8") + "# newer\n", "utf-8")
    commit(newer, "v999.1.0")
    project = render(tmp_path_factory.mktemp("edited") / "project")
    edit(project / ".copier-answers.yml", str(template), str(newer))
    edit(project / EDITED, "timedelta(minutes=1)", "timedelta(minutes=2)")
    edit(project / "README.md", "## First steps", "## Our first steps")
    edit(project / "Dockerfile", "RUN useradd", "# Not root.\nRUN useradd")
    (project / ADDED).write_text('"""Ours."""\n', "utf-8")
    commit(project)
    return project


@pytest.fixture
def project(edited: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return shutil.copytree(edited, tmp_path / "project")


@pytest.fixture
def make(tools: dict[str, str]) -> Make:
    """Runs a command in a project; `fails=True` expects it to fail."""

    def make(project: Path, *arguments: str, fails: bool = False) -> str:
        environment = {"TEMPORAL_ADDRESS": "127.0.0.1:1"} | tools
        done = run("make", *arguments, cwd=project, environment=environment, check=False)
        assert bool(done.returncode) == fails, done.stdout
        assert "Traceback" not in done.stdout
        return done.stdout

    return make


def status(project: Path) -> str:
    return run("git", "status", "--porcelain", "--untracked-files=all", cwd=project).stdout


def untracked(project: Path) -> set[str]:
    return {line[3:] for line in status(project).splitlines() if line.startswith("??")}


def answers(project: Path) -> dict[str, str]:
    recorded: dict[str, str] = yaml.safe_load((project / ".copier-answers.yml").read_text("utf-8"))
    return recorded


def numstat(project: Path) -> dict[str, tuple[int, int]]:
    """Lines added to and removed from each file that git has."""
    rows = run("git", "diff", "--numstat", cwd=project).stdout.splitlines()
    return {name: (int(plus), int(minus)) for plus, minus, name in map(str.split, rows)}


def contents(project: Path) -> dict[str, str]:
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = run(*listing, cwd=project).stdout.splitlines()
    files = {name: project / name for name in names}
    return {name: file.read_text("utf-8") for name, file in files.items() if file.exists()}


def named_order(project: Path) -> list[str]:
    """The files that belong to the domain `order`, or did."""
    return [name for name in contents(project) if re.search(r"(?<![\w-])(test_)?order[_/-]", name)]


# Before and after all others.
@pytest.mark.parametrize("name", ["audit", "refund"])
def test_a_new_domain_changes_nothing_but_new_files_lists_and_the_answer(
    name: str, project: Path, make: Make
) -> None:
    before = answers(project)

    output = make(project, "domain", f"NAME={name}", "RECIPE=saga")

    assert numstat(project) == {
        ".copier-answers.yml": (1, 1),
        **{file: (lines, 0) for file, lines in LISTS.items()},
    }
    domains = f"order:saga, notification:simple, {name}:saga"
    assert answers(project) == before | {"domains": domains}
    listed = output.partition("These files come:")[2].partition("Merging")[0]
    assert untracked(project) == set(listed.split())
    assert all(name in file for file in untracked(project))
    assert "make record" not in output


def test_a_list_that_was_edited_in_the_same_lines_is_said_with_file_and_line(
    project: Path, make: Make
) -> None:
    overlay = "deploy/kubernetes/overlays/staging/kustomization.yaml"
    edit(project / overlay, "  - order-worker\n", "  - order-worker\n  - ours\n")
    commit(project)

    output = make(project, "domain", "NAME=refund", "RECIPE=saga", fails=True)

    assert "Resolve what you and the template changed alike" in output
    assert re.search(rf"^{overlay}:\d+:", output, re.MULTILINE)
    assert "  - ours\n" in (project / overlay).read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "recipe", "message"),
    [
        ("order", "saga", "There is a domain order already, a saga."),
        ("order", "retry", "There is a domain order already, a saga. Its recipe is what it began"),
        ("Refund", "saga", 'write "refund", not "Refund": lower-case letters'),
        ("workflows", "saga", 'write "workflows_flow", not "workflows"'),
        ("or_der", "saga", "underscores do not count"),
        ("test_order", "saga", 'write "order_test", not "test_order"'),
        ("refund", "sagga", 'write "refund:saga", not "refund:sagga": the recipes are approval'),
        ("a:saga, b", "saga", "Name one domain, and its recipe apart from it: a:saga, b"),
        ("refund", "", "Say which: make domain NAME=refund RECIPE=saga"),
        ("", "saga", "Say which: make domain NAME=refund RECIPE=saga"),
    ],
)
def test_what_cannot_be_added_is_refused_with_one_message(
    name: str, recipe: str, message: str, edited: Path, make: Make
) -> None:
    output = make(edited, "domain", f"NAME={name}", f"RECIPE={recipe}", fails=True)

    said = [line for line in output.splitlines() if not re.match(r"make(\[\d\])?: ", line)]
    assert len(said) == 1
    assert message in said[0]
    assert status(edited) == ""


@pytest.mark.parametrize(
    "command",
    [
        ["domain", "NAME=refund", "RECIPE=saga"],
        ["remove-domain", "NAME=order", "FORCE=1"],
        ["rename-domain", "FROM=order", "TO=purchase"],
    ],
    ids=" ".join,
)
def test_what_is_not_committed_is_not_touched(
    command: list[str], project: Path, make: Make
) -> None:
    (project / "notes.txt").write_text("mine", "utf-8")
    before = contents(project)

    output = make(project, *command, fails=True)

    assert "Commit or stash first" in output
    assert "?? notes.txt" in output
    assert contents(project) == before


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("remove-domain", "NAME is not set: make remove-domain NAME=order"),
        ("rename-domain", "FROM is not set: make rename-domain FROM=order TO=billing"),
        ("rename-domain TO=sale", "FROM is not set: make rename-domain FROM=order TO=sale"),
        ("rename-domain FROM=order", "TO is not set: make rename-domain FROM=order TO=billing"),
        ("rename-domain FROM=ordre TO=sale", "There is no domain 'ordre'. Domains: order,"),
        (
            "rename-domain FROM=order TO=notification",
            "There is a domain notification already: choose another name.",
        ),
        ("rename-domain FROM=order TO=Sale", 'write "sale", not "Sale": lower-case letters'),
    ],
)
def test_what_cannot_be_removed_or_renamed_is_refused_with_one_message(
    command: str, message: str, edited: Path, make: Make
) -> None:
    said, failed = make(edited, *command.split(), fails=True).splitlines()

    assert said.startswith(message)
    assert failed.startswith("make: ***")
    assert status(edited) == ""


def test_a_template_that_is_gone_is_said_so(project: Path, make: Make) -> None:
    file = project / ".copier-answers.yml"
    file.write_text(re.sub("_src_path: .*", "_src_path: /gone", file.read_text("utf-8")), "utf-8")
    commit(project)

    output = make(project, "domain", "NAME=refund", "RECIPE=saga", fails=True)

    assert "The template, /gone at v999.0.0: " in output
    assert status(project) == ""


def test_later_versions_are_told_to_record(project: Path, make: Make) -> None:
    edit(project / "pyproject.toml", 'version = "0.1.0"', 'version = "0.2.0"')
    commit(project)

    assert "make record WORKFLOW=refund " in make(project, "domain", "NAME=refund", "RECIPE=saga")


@pytest.fixture
def terminal(project: Path, tools: dict[str, str]) -> Iterator["pexpect.spawn[str]"]:
    """`make domain` at its first question."""
    child = pexpect.spawn(
        "make",
        ["domain"],
        cwd=str(project),
        encoding="utf-8",
        timeout=60,
        dimensions=(50, 120),
        # Without it, the prompts wait for a terminal that reports where its cursor is.
        env={**os.environ, **tools, "PROMPT_TOOLKIT_NO_CPR": "1"},
    )
    child.expect("What is the domain called")
    yield child
    child.close(force=True)


def test_questions_lead_to_a_new_domain(project: Path, terminal: "pexpect.spawn[str]") -> None:
    terminal.send(f"Refund{ENTER}")
    terminal.expect('write "refund", not "Refund"')
    terminal.expect("What is the domain called")
    terminal.send(f"refund{ENTER}")
    terminal.expect("What does it start from")
    terminal.expect("simple: one workflow, a few activities")
    terminal.send(DOWN + ENTER)
    terminal.expect("These files come:")
    terminal.expect(f"{WORKFLOWS}/refund_workflow.py")
    terminal.expect("Add them")
    assert status(project) == ""
    terminal.send(ENTER)
    terminal.expect("make check test")
    terminal.expect(pexpect.EOF)

    assert answers(project)["domains"].endswith(", refund:simple")


def test_a_no_or_ctrl_c_changes_nothing(project: Path, terminal: "pexpect.spawn[str]") -> None:
    terminal.send(f"refund{ENTER}")
    terminal.expect("What does it start from")
    terminal.sendintr()
    terminal.expect("Nothing was changed.")
    terminal.expect(pexpect.EOF)

    assert status(project) == ""


def test_what_is_added_and_removed_again_leaves_no_trace(project: Path, make: Make) -> None:
    before = contents(project)
    make(project, "domain", "NAME=refund", "RECIPE=batch")
    assert "src/my_temporal_service/workflows/lifetime.py" in contents(project)
    commit(project)

    make(project, "remove-domain", "NAME=refund")

    assert contents(project) == before
    assert not (project / "tests/test_replay/histories/refund").exists()


def test_a_removal_keeps_what_was_edited_or_added(project: Path, make: Make) -> None:
    before = contents(project)

    output = make(project, "remove-domain", "NAME=order")

    going, staying = output.partition("These stay,")[::2]
    assert f"{WORKFLOWS}/order_workflow.py" in staying
    assert "src/my_temporal_service/workers/order_worker.py" in going
    assert {name: contents(project)[name] for name in named_order(project)} == {
        EDITED: before[EDITED],
        ADDED: before[ADDED],
    }
    assert answers(project)["domains"] == "notification:simple"
    for name in LISTS:
        assert "order-worker" not in (project / name).read_text("utf-8")
    assert "## Our first steps" in (project / "README.md").read_text("utf-8")


def test_a_removal_by_force_takes_all_of_it(project: Path, make: Make) -> None:
    make(project, "remove-domain", "NAME=order", "FORCE=1")

    assert named_order(project) == []


def test_a_dry_run_says_what_would_go(project: Path, make: Make) -> None:
    output = make(project, "remove-domain", "NAME=order", "DRY_RUN=1")

    assert "src/my_temporal_service/workers/order_worker.py" in output
    assert (
        "No server answered. Ask yours: .venv/bin/temporal workflow count "
        "--query \"TaskQueue = 'order' AND ExecutionStatus = 'Running'\"" in output
    )
    assert status(project) == ""


def test_the_last_domain_and_one_that_is_not_there_cannot_be_removed(
    project: Path, make: Make
) -> None:
    output = make(project, "remove-domain", "NAME=refund", fails=True)
    assert "There is no domain 'refund'. Domains: order, notification" in output
    make(project, "remove-domain", "NAME=order", "FORCE=1")
    commit(project)

    output = make(project, "remove-domain", "NAME=notification", fails=True)
    assert "notification is the only domain" in output
    assert status(project) == ""


def test_a_removal_warns_of_workflows_that_run(
    project: Path, tools: dict[str, str], address: str
) -> None:
    environment = tools | {"TEMPORAL_ADDRESS": address}
    remove = ["make", "remove-domain", "NAME=order", "DRY_RUN=1"]
    output = run(*remove, cwd=project, environment=environment).stdout
    assert "None of its workflows runs on the server that answered." in output

    start = ["workflow", "start", "--type=OrderWorkflow", "--task-queue=order", "--workflow-id=1"]
    temporal = f"{tools['UV_PROJECT_ENVIRONMENT']}/bin/temporal"
    run(temporal, *start, cwd=project, environment=environment)

    for _ in range(50):  # what lists workflows is a moment late
        output = run(*remove, cwd=project, environment=environment).stdout
        if "WARNING" in output:
            break
    assert "WARNING: 1 of its workflows run" in output


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module of a project with these commands."""
    monkeypatch.syspath_prepend(str(ROOT / "template/project"))
    yield import_module("dev.domain_commands")
    for name in [name for name in sys.modules if name.partition(".")[0] == "dev"]:
        del sys.modules[name]


@pytest.mark.parametrize(
    "options", [{"api": "true", "autoscaling": "keda"}, {"rollout": "versioned"}]
)
def test_a_renamed_domain_differs_from_a_new_one_by_what_the_server_knows(
    options: dict[str, str], render: Render, commands: Any, tmp_path: Path
) -> None:
    old, new = render(tmp_path / "old", domains=ALL, **options), tmp_path / "new"
    render(new, domains=re.sub(r"(\w+):", r"pre_\1:", ALL), **options)
    for project in (old, new):
        commit(project)
    renamed, fresh = contents(old), contents(new)
    for name in re.findall(r"(\w+):", ALL):
        renaming = commands.Renaming(name, f"pre_{name}", "my-temporal-service")
        renamed = {
            renaming.path(file): renaming.text(text) if commands.is_code(file) else text
            for file, text in renamed.items()
        }

    assert renamed.keys() == {re.sub(r"(/histories/\w+/)Pre", r"\1", file) for file in fresh}
    code = [file for file in renamed if commands.is_code(file)]
    differing = {
        line
        for file in code
        for line in set(renamed[file].splitlines()) ^ set(fresh[file].splitlines())
    }
    assert len(differing) > 50
    assert {line for line in differing if not KNOWN_OUTSIDE.search(line)} == {"@workflow.defn"}


# Workflow types, task queues, paths of HTTP, ids.
KNOWN_OUTSIDE = re.compile(
    r'"[A-Z]\w+Workflow"|(TASK_QUEUE = |task_queue=|value: |tags=\[)"[\w-]+"|'
    r'(PATH = |prefix=)"/[\w-]+"|f"[a-z_]+-{'
)


def test_names_that_only_begin_or_end_alike_are_left_alone(commands: Any) -> None:
    renaming = commands.Renaming("order", "purchase", "shop")
    others = [
        "from shop.workflows.pre_order_workflow import PreOrderWorkflow",
        "from shop.models.order_models_of_old import OrderInput, OrderWorkflows",
        "image: registry.example.com/shop-pre-order-worker",
        "namePrefix: order-entry-",
        'client.start_workflow("OrderWorkflow", task_queue="order", id=f"order-{key}")',
        "WorkflowType = 'OrderWorkflow'",
        "the reorder domain",
        "an order domain",
    ]
    for line in others:
        assert renaming.text(line) == line
    for path in ("src/shop/workflows/pre_order_workflow.py", "deploy/pre-order-worker/x.yaml"):
        assert renaming.path(path) == path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("@workflow.defn", '@workflow.defn(name="OrderWorkflow")'),
        ("@workflow.defn()", '@workflow.defn(name="OrderWorkflow")'),
        (
            "@workflow.defn(sandboxed=False)",
            '@workflow.defn(name="OrderWorkflow", sandboxed=False)',
        ),
        ('@workflow.defn(name="Ours")', '@workflow.defn(name="Ours")'),
    ],
)
def test_a_renamed_workflow_keeps_its_type(before: str, after: str, commands: Any) -> None:
    renaming = commands.Renaming("order", "purchase", "shop")

    renamed = renaming.text(f"{before}\nclass OrderWorkflow:\n")

    assert renamed == f"{after}\nclass PurchaseWorkflow:\n"
    again = commands.Renaming("purchase", "sale", "shop").text(renamed)
    assert again == f"{after}\nclass SaleWorkflow:\n"


def test_a_renaming_moves_all_files_with_their_edits(project: Path, make: Make) -> None:
    (project / "tests/test_activities/test_order_activities.py").unlink()
    reference = "from my_temporal_service.workflows.order_workflow import OrderWorkflow\n"
    (project / "src/my_temporal_service/runtime/ours.py").write_text(reference, "utf-8")
    (project / "src/my_temporal_service/contracts/order_contract.py").chmod(0o755)
    untidy = "x = {  1:2 }\n"  # but none of this domain's
    (project / "dev/untidy.py").write_text(untidy, "utf-8")
    commit(project)
    before = contents(project)

    make(project, "rename-domain", "FROM=order", "TO=purchase")

    after = contents(project)
    assert len(after) == len(before)
    assert named_order(project) == []
    moved = after[f"{WORKFLOWS}/purchase_workflow.py"]
    assert "timedelta(minutes=2)" in moved
    assert '@workflow.defn(name="OrderWorkflow")\nclass PurchaseWorkflow:' in moved
    assert 'TASK_QUEUE = "order"' in moved
    contract = project / "src/my_temporal_service/contracts/purchase_contract.py"
    assert contract.stat().st_mode & 0o100
    assert after["src/my_temporal_service/runtime/ours.py"] == (
        "from my_temporal_service.workflows.purchase_workflow import PurchaseWorkflow\n"
    )
    assert after["dev/untidy.py"] == untidy
    assert "# Not root." in after["Dockerfile"]
    assert answers(project)["domains"] == "purchase:saga, notification:simple"
    commit(project)

    output = make(project, "domain", "NAME=order", "RECIPE=saga", fails=True)
    assert "purchase serves the task queue order: choose another." in output
    output = make(project, "rename-domain", "FROM=purchase", "TO=notification", fails=True)
    assert "There is a domain notification already" in output
    output = make(project, "rename-domain", "FROM=purchase", "TO=purchase", fails=True)
    assert "purchase has that name already." in output
    output = make(project, "rename-domain", "FROM=purchase", "TO=class", fails=True)
    assert 'write "class_flow", not "class"' in output
    assert status(project) == ""

    make(project, "rename-domain", "FROM=purchase", "TO=order")
    assert contents(project) == {
        **before,
        EDITED: before[EDITED].replace("@workflow.defn", '@workflow.defn(name="OrderWorkflow")'),
    }


@pytest.mark.parametrize(
    ("api", "kept"),
    [
        ("false", "Task queue, workflow type and ids stay those of order"),
        ("true", "Task queue, workflow type, ids and HTTP path stay those of order"),
    ],
)
def test_a_renaming_says_what_stays(
    api: str, kept: str, render: Render, make: Make, tmp_path: Path
) -> None:
    project = render(tmp_path / "project", api=api)
    commit(project)

    assert kept in make(project, "rename-domain", "FROM=order", "TO=purchase")


def test_an_update_after_a_renaming_brings_nothing_back(project: Path, make: Make) -> None:
    make(project, "rename-domain", "FROM=order", "TO=purchase")
    commit(project)

    run_update(project, defaults=True, overwrite=True, quiet=True, unsafe=False)

    assert status(project) == (
        " M .copier-answers.yml\n M src/my_temporal_service/models/base.py\n"
    )


def test_a_renaming_overwrites_nothing(project: Path, make: Make) -> None:
    mine = project / "src/my_temporal_service/models/purchase_models.py"
    mine.write_text("# mine\n", "utf-8")
    commit(project)

    output = make(project, "rename-domain", "FROM=order", "TO=purchase", fails=True)

    assert "would overwrite: src/my_temporal_service/models/purchase_models.py" in output
    assert status(project) == ""


@pytest.fixture
def complete(project: Path) -> Path:
    """The project with an environment of its own, committed, without what only the first tests need."""
    run("make", "setup", f"UV={UV}", cwd=project)
    (project / ADDED).unlink()
    commit(project)
    return project


@pytest.mark.e2e
def test_a_project_with_a_new_domain_is_green(complete: Path) -> None:
    run("make", "domain", "NAME=refund", "RECIPE=saga", f"UV={UV}", cwd=complete)

    run("make", "check", f"UV={UV}", cwd=complete)
    assert " passed" in run("make", "test", f"UV={UV}", cwd=complete, environment=QUICK).stdout


@pytest.mark.e2e
def test_what_ran_before_a_renaming_goes_on_after_it(
    complete: Path, address: str, tmp_path: Path
) -> None:
    def let(step: str, name: str) -> str:
        """Let the worker of a domain begin or end a workflow, see there."""
        script = complete / "dev/renamed_domain.py"
        shutil.copy2(ROOT / "tests" / script.name, script)
        command = [".venv/bin/python", "-m", "dev.renamed_domain", step, name]
        environment = {"TEMPORAL_ADDRESS": address}
        output = run(*command, tmp_path / "ledger", cwd=complete, environment=environment).stdout
        script.unlink()
        return output

    let("begin", "order")
    run("make", "rename-domain", "FROM=order", "TO=purchase", f"UV={UV}", cwd=complete)

    output = let("end", "purchase")
    assert "OrderWorkflow COMPLETED on order" in output
    assert "OrderWorkflow started after it" in output
    run("make", "check", f"UV={UV}", cwd=complete)
    assert " passed" in run("make", "test", f"UV={UV}", cwd=complete, environment=QUICK).stdout
