"""The interview as a person has it, on a terminal."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pexpect
import pytest
import yaml

from tests.conftest import OUTSIDE, ROOT, run

Terminal: TypeAlias = "pexpect.spawn[str]"
COPIER = Path(sys.executable).with_name("copier")
DOWN, SPACE, ENTER, CLEAR = "\x1b[B", " ", "\r", "\x15"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path / "project"


@pytest.fixture
def terminal(template: Path, project: Path) -> Iterator[Terminal]:
    """The interview, at its first question."""
    child = pexpect.spawn(
        str(COPIER),
        ["copy", str(template), str(project)],
        encoding="utf-8",
        timeout=20,
        dimensions=(40, 80),
        # Without it, the prompts wait for a terminal that reports where its cursor is.
        env={**os.environ, "PROMPT_TOOLKIT_NO_CPR": "1"},
    )
    child.expect("What is the project called")
    yield child
    child.close(force=True)


def answers(project: Path) -> dict[str, str]:
    recorded: dict[str, str] = yaml.safe_load((project / ".copier-answers.yml").read_text("utf-8"))
    return recorded


QUESTIONS = [
    "Python package called",
    "repository and its image",
    "What does it do",
    "Who maintains it",
    "which e-mail address",
    "Which GitHub user",
    "Which Python",
    "Which container registry",
    "What do you start with",
    "Which domains",
    "Where do all gates run",
    "HTTP API",
    "Should OpenTelemetry trace",
    "Should inputs, results and errors",
    "What scales the workers",
    "How does Kubernetes bring in",
    "Whom does Alertmanager tell",
]


def enter_until(terminal: Terminal, last: str) -> None:
    """Accept every default until a question is asked."""
    for question in QUESTIONS[: QUESTIONS.index(last) + 1]:
        terminal.send(ENTER)
        terminal.expect(question)


def options(terminal: Terminal, after: str = "Which domains") -> None:
    """Accept the default of every option that is asked after a question."""
    for question in QUESTIONS[QUESTIONS.index(after) + 1 :]:
        terminal.expect(question)
        terminal.send(ENTER)
    terminal.expect("make dev")
    terminal.expect(pexpect.EOF)


def test_an_option_is_chosen_with_a_letter(terminal: Terminal, project: Path) -> None:
    enter_until(terminal, "HTTP API")
    terminal.send("y")
    options(terminal, after="HTTP API")

    assert (project / "src/my_temporal_service/api/app.py").exists()


def test_enter_alone_makes_the_default_project(terminal: Terminal, project: Path) -> None:
    enter_until(terminal, QUESTIONS[-1])
    terminal.send(ENTER)
    terminal.expect("make dev")
    terminal.expect(pexpect.EOF)

    assert answers(project)["domains"] == "order:saga, notification:simple"


def test_make_new_shows_questions_and_next_steps_and_no_list_of_files(
    template: Path, project: Path
) -> None:
    terminal: Terminal = pexpect.spawn(
        "make",
        ["new", f"SOURCE={template}", f"DEST={project}"],
        cwd=str(ROOT),
        encoding="utf-8",
        timeout=60,
        dimensions=(40, 200),
        env={**OUTSIDE, "PROMPT_TOOLKIT_NO_CPR": "1"},
    )
    terminal.expect("Ctrl-U")
    terminal.expect("What is the project called")
    enter_until(terminal, QUESTIONS[-1])
    terminal.send(ENTER)
    terminal.expect("is ready. Next:")
    assert "Dockerfile" not in (terminal.before or "")
    terminal.expect(f"cd {project}\r\n")
    terminal.expect("make dev ")
    terminal.expect("make run WORKFLOW=order ")
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert terminal.exitstatus == 0
    assert answers(project)["domains"] == "order:saga, notification:simple"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("/nowhere", "SOURCE is /nowhere: Local template must be a directory."),
        ("file:///nowhere.git", "SOURCE is no template that git can clone:"),
    ],
)
def test_make_new_shows_what_is_wrong(source: str, says: str, project: Path) -> None:
    terminal: Terminal = pexpect.spawn(
        f"make new SOURCE={source} DEST={project}",
        cwd=str(ROOT),
        encoding="utf-8",
        timeout=60,
        env=OUTSIDE,
    )
    terminal.expect(pexpect.EOF)
    terminal.close()
    said = terminal.before or ""

    assert terminal.exitstatus
    assert says in said
    assert "Traceback" not in said
    assert "is ready" not in said


def test_make_new_without_a_terminal_says_how_to_answer(project: Path) -> None:
    done = run("make", "new", f"DEST={project}", cwd=ROOT, check=False)

    assert done.returncode
    assert f"--data-file answers.yml {ROOT} {project}" in done.stdout
    assert not project.exists()


def test_starters_are_chosen_with_arrows_and_space(terminal: Terminal, project: Path) -> None:
    enter_until(terminal, "What do you start with")
    terminal.send(DOWN + SPACE + ENTER)  # take the second choice away
    terminal.expect("Which domains")
    terminal.send(ENTER)
    options(terminal)

    assert answers(project)["domains"] == "order:saga"


def test_alerts_that_nobody_hears_of_are_refused(terminal: Terminal, project: Path) -> None:
    enter_until(terminal, "Whom does Alertmanager tell")
    # The reason stands in a toolbar, which takes a terminal that reports where its cursor is.
    terminal.send(SPACE + DOWN + SPACE + ENTER)
    terminal.send(SPACE + ENTER)
    terminal.expect("make dev")
    terminal.expect(pexpect.EOF)

    assert list(answers(project)["alert_receivers"]) == ["slack"]


def test_no_starter_at_all_still_shows_an_example(terminal: Terminal, project: Path) -> None:
    enter_until(terminal, "What do you start with")
    terminal.send(SPACE + DOWN + SPACE + ENTER)
    terminal.expect("Which domains")
    terminal.expect("order:saga, notification:simple")


def test_a_wrong_entry_shows_its_fix_and_can_be_corrected(
    terminal: Terminal, project: Path
) -> None:
    enter_until(terminal, "Which domains")
    terminal.send(f"{CLEAR}order:sagga{ENTER}")
    terminal.expect('write "order:saga", not "order:sagga"')
    assert not project.exists()
    terminal.send(f"{CLEAR}order:saga, refund:saga{ENTER}")
    options(terminal)

    assert answers(project)["domains"] == "order:saga, refund:saga"


def test_no_name_of_a_project_leads_to_a_traceback(terminal: Terminal) -> None:
    terminal.send(f"{CLEAR}Temporalio{ENTER}")
    terminal.expect("Python package called")
    terminal.expect("temporalio_service")
    terminal.send(f"{CLEAR}json{ENTER}")
    terminal.expect('write "json_service", not "json"')


def test_ctrl_c_leaves_nothing_behind(terminal: Terminal, project: Path) -> None:
    enter_until(terminal, "Which domains")
    terminal.sendintr()
    terminal.expect(pexpect.EOF)

    assert "Traceback" not in (terminal.before or "")
    assert not project.exists()
