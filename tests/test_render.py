"""What every scenario renders: legal names, no leftovers, files that parse, the same every time."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from copier import run_copy

from tests.conftest import ROOT
from tests.scenarios import SCENARIOS

# Not those of GitHub; and templates of Prometheus and Alertmanager, which are Go's, and the names of labels in a
# legend of Grafana.
JINJA, GO = (
    r"(?<!\$)\{\{|\{%|\{#",
    re.compile(r"\{\{(?= ?(\$|\.)|-? ?(define|template|range|len|end)\b|/\*|[a-z_]+\}\}( |\"))"),
)

# What tells of an option.
TRACING = r"OpenTelemetry|\bopentelemetry-|OTEL_|traceparent"
ENCRYPTION = r"PAYLOAD_KEYS|payload-keys|encrypt-payloads|\bcryptography>|EncryptionCodec"

Rendered = Callable[[str], Path]
each_scenario = pytest.mark.parametrize("scenario", SCENARIOS)


def files(project: Path) -> list[Path]:
    return sorted(path for path in project.rglob("*") if path.is_file())


def names(project: Path) -> list[str]:
    return [path.relative_to(project).as_posix() for path in files(project)]


@each_scenario
def test_golden_list_of_files(
    scenario: str, rendered: Rendered, request: pytest.FixtureRequest
) -> None:
    """A file that appears, vanishes or moves is a change that users see."""
    golden = ROOT / "tests" / "golden" / f"{scenario}.txt"
    listing = "\n".join(names(rendered(scenario))) + "\n"
    if request.config.getoption("--write-golden"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(listing, "utf-8")

    assert listing == golden.read_text("utf-8")


@each_scenario
def test_names_are_legal_everywhere(scenario: str, rendered: Rendered) -> None:
    for name in names(rendered(scenario)):
        assert re.fullmatch(r"[A-Za-z0-9_./-]+", name)
        assert len(name) <= 160, "Windows allows 260 characters, the folder of the project included"


@each_scenario
def test_nothing_is_left_of_the_template(scenario: str, rendered: Rendered) -> None:
    awkward = scenario == "awkward-text"  # its answers contain such text
    for path in files(rendered(scenario)):
        text = path.read_text("utf-8")
        assert awkward or not re.search(JINJA, GO.sub("", text)), path
        assert not re.search(r"[ \t]+$", text, re.MULTILINE), path
        assert text == "" or text.endswith("\n"), path
        assert not text.endswith("\n\n"), path


@each_scenario
def test_every_link_of_a_document_leads_somewhere(scenario: str, rendered: Rendered) -> None:
    for path in rendered(scenario).rglob("*.md"):
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path}: {target}"


@each_scenario
def test_every_page_that_a_document_names_is_there(scenario: str, rendered: Rendered) -> None:
    for path in rendered(scenario).rglob("*.md"):
        for page in re.findall(r"(?<!template's )\bdocs/[\w/-]+\.md", path.read_text("utf-8")):
            elsewhere = page == "docs/reference/recipes.md"  # as README.md says
            assert elsewhere or (rendered(scenario) / page).exists(), f"{path.name}: {page}"


@each_scenario
def test_documents_name_a_domain_that_is_there(scenario: str, rendered: Rendered) -> None:
    workers = rendered(scenario).glob("src/*/workers/*_worker.py")
    domains = {path.name.removesuffix("_worker.py") for path in workers} | {"refund", "..."}
    documents = [*rendered(scenario).glob("docs/how-to/*.md"), rendered(scenario) / "Makefile"]
    for path in documents:
        for name in re.findall(r"WORKFLOW=([\w.]+)", path.read_text("utf-8")):
            assert name in domains, path


@each_scenario
def test_documents_fit_the_rollout(scenario: str, rendered: Rendered) -> None:
    """Workers with versions have no Deployment of their name, and workflows on them get no new code."""
    project = rendered(scenario)
    texts = {path: path.read_text("utf-8") for path in project.rglob("*.md")}
    versioned = (project / "deploy/kubernetes/base/namespace/connection.yaml").exists()

    for path, text in texts.items():
        page = text.partition("\n## Switch an option in a cluster that runs\n")[0]
        assert not versioned or "kubectl set env" not in page, path
        assert versioned or "with-workflow-update-options" not in text, path
        assert versioned or "bad-deploy.md#move-workflows" not in text, path
    for name in ("WorkflowTasksFail", "PayloadsTooLarge", "HistoryTooLong", "NonDeterminism"):
        text = texts[project / f"docs/runbooks/Temporal{name}.md"]
        assert ("(bad-deploy.md#move-workflows)" in text) == versioned, name
    assert ("\n## Move workflows\n" in texts[project / "docs/runbooks/bad-deploy.md"]) == versioned
    assert ("#move-workflows" in texts[project / "README.md"]) == versioned


@each_scenario
def test_a_schedule_is_brought_in_where_there_is_one(scenario: str, rendered: Rendered) -> None:
    project = rendered(scenario)
    clients = [
        path.stem
        for path in project.glob("src/*/client/*_client.py")
        if "def apply_schedule(" in path.read_text("utf-8")
    ]
    page = (project / "docs/how-to/deploy.md").read_text("utf-8")
    named = re.findall(r"python -m \w+\.client\.(\w+)", page)

    assert set(named) <= set(clients)
    assert bool(named) == ("deploy.md#schedules" in (project / "README.md").read_text("utf-8"))
    assert bool(named) == bool(clients)


@each_scenario
def test_documents_of_ci_name_its_jobs(scenario: str, rendered: Rendered) -> None:
    project = rendered(scenario)
    gitlab, github = project / ".gitlab-ci.yml", project / ".github/workflows"
    if gitlab.exists():
        jobs = set(yaml.safe_load(gitlab.read_text("utf-8")))
    elif github.exists():
        jobs = {path.stem for path in github.glob("*.yml")}
        jobs |= set(yaml.safe_load((github / "ci.yml").read_text("utf-8"))["jobs"])
    else:
        return
    page = (project / "docs/how-to/run-ci.md").read_text("utf-8")
    rows = re.findall(r"(?m)^\| (`.+?) \| ", page)

    assert len(rows) >= 8
    assert {job for row in rows for job in re.findall("`(.+?)`", row)} <= jobs
    other = "GitHub" if gitlab.exists() else "GitLab"
    assert f"Settings on {other}" not in page
    verified = (project / "docs/how-to/deploy.md").read_text("utf-8")
    assert ("cosign verify" in verified) == gitlab.exists()
    assert ("gh attestation verify" in verified) == github.exists()


@each_scenario
def test_every_runbook_says_where_its_commands_are_typed(scenario: str, rendered: Rendered) -> None:
    for path in (rendered(scenario) / "docs/runbooks").glob("*.md"):
        assert path.name == "README.md" or "(README.md)" in path.read_text("utf-8"), path


@each_scenario
def test_the_guide_for_reviews_fits_the_project(scenario: str, rendered: Rendered) -> None:
    project = rendered(scenario)
    [package] = (project / "src").iterdir()
    guide = (project / "docs/how-to/review-a-change.md").read_text("utf-8")
    change = (ROOT / "template/review/change.md").read_text("utf-8")
    checklist = (project / "CHECKLIST.md").read_text("utf-8")
    items = re.findall(r"^\| ([A-Z]+\d+) ", checklist, re.MULTILINE)
    rows = [line.split(" | ") for line in guide.splitlines() if line.startswith("| ")]
    places = {place for row in rows for place in re.findall("`(.+?)`", row[2])}

    asked = re.findall(r"\*\*(.+?)\.?\*\*", guide)
    assert sorted(asked) == sorted(re.findall(r"^- \[ \] (.+)$", change, re.MULTILINE))
    assert set(re.findall(r"\b(?:R[WAK]|[CDMT])\d\b", guide)) <= set(items)
    for place in places - {"uv.lock"}:  # made by `make setup`
        assert (project / place).exists() or (package / place).exists(), place


def every_file_parses(project: Path) -> None:
    for path in files(project):
        text = path.read_text("utf-8")
        if path.suffix == ".toml":
            tomllib.loads(text)
        elif path.suffix == ".json":
            json.loads(text)
        elif path.suffix in {".yml", ".yaml"}:
            list(yaml.safe_load_all(text))
        elif path.suffix == ".py":
            compile(text, path, "exec")


@each_scenario
def test_every_file_parses(scenario: str, rendered: Rendered) -> None:
    every_file_parses(rendered(scenario))


@pytest.mark.parametrize("scenario", ["defaults", "every-answer-given", "long-names"])
def test_a_second_render_is_identical(
    scenario: str, rendered: Rendered, template: Path, tmp_path: Path
) -> None:
    first, second = rendered(scenario), tmp_path
    run_copy(str(template), second, data=SCENARIOS[scenario], defaults=True, quiet=True)

    assert names(first) == names(second)
    for before, after in zip(files(first), files(second), strict=True):
        assert before.read_bytes() == after.read_bytes()


def test_free_text_arrives_unchanged(rendered: Rendered) -> None:
    project = tomllib.loads((rendered("awkward-text") / "pyproject.toml").read_text("utf-8"))

    answers = SCENARIOS["awkward-text"]
    assert project["project"]["authors"] == [{"name": answers["user_name"]}]
    assert project["project"]["description"] == " ".join(answers["project_description"].split())


def test_a_message_of_an_alert_links_to_its_runbook(rendered: Rendered) -> None:
    messages = rendered("every-answer-given") / "deploy/monitoring/alertmanager.tmpl"

    address = "https://github.com/Acme-Inc/billing-platform/blob/main/{{ .Annotations.runbook }}"
    assert address in messages.read_text("utf-8")


@pytest.mark.parametrize(
    ("scenario", "words", "on"),
    [
        ("short-names", TRACING, True),
        ("api", TRACING, False),
        ("encryption", ENCRYPTION, True),
        ("api", ENCRYPTION, False),
    ],
)
def test_an_option_leaves_no_line_where_it_is_off(
    scenario: str, words: str, on: bool, rendered: Rendered
) -> None:
    named = [
        path
        for path in files(rendered(scenario))
        if path.name != "template-changes.md" and re.search(words, path.read_text("utf-8"))
    ]

    assert bool(named) == on, named
