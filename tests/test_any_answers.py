"""Answers that nobody thought of: each is refused with its fix, or renders a project that is green.

HYPOTHESIS_EXAMPLES sets how many are tried, for a long run at night.
"""

import os
import re
import string
import tempfile
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT, Render, run
from tests.test_render import every_file_parses

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "25"))
few = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="HYPOTHESIS_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)

names = st.from_regex(r"[a-z][a-z0-9]{0,12}(_[a-z0-9]{1,8}){0,2}", fullmatch=True)
recipes = st.sampled_from(sorted(folder.name for folder in (ROOT / "template/recipes").iterdir()))
entries = st.builds("{}:{}".format, names, recipes)
good = st.fixed_dictionaries(
    {
        "package_name": names,
        "domains": st.lists(entries, min_size=1, max_size=4).map(", ".join),
        "project_name": st.text(min_size=1, max_size=60),
        "project_description": st.text(min_size=1, max_size=200),
        "user_name": st.text(max_size=60),
        "ci": st.sampled_from(["github", "gitlab", "none"]),
        "api": st.sampled_from(["true", "false"]),
        "payload_encryption": st.sampled_from(["true", "false"]),
        "autoscaling": st.sampled_from(["none", "hpa", "keda"]),
        "rollout": st.sampled_from(["rolling", "versioned"]),
        "alert_receivers": st.sampled_from(["[pagerduty]", "[slack]", "[slack, pagerduty]"]),
    }
)
anything = st.fixed_dictionaries(
    {},
    optional={
        question: st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from(string.printable))
        for question in (
            "package_name",
            "project_slug",
            "domains",
            "project_name",
            "project_description",
            "user_name",
            "user_email",
            "github_user",
            "container_registry",
        )
    },
)


def attempt(render: Render, folder: Path, answers: dict[str, str]) -> bool:
    """Render, or check that the refusal says what to do."""
    try:
        render(folder, **answers)
    except ValueError as refusal:
        message = str(refusal)
        assert message.startswith("Validation error for question")
        assert re.search(r": (write|shorten|remove|list) ", message), message
        return False
    return True


@few
@given(answers=good)
def test_plausible_answers_make_a_green_project(
    answers: dict[str, str], render: Render, tools: dict[str, str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        if attempt(render, project, answers):
            run("make", "check", cwd=project, environment=tools)


@few
@given(answers=anything)
def test_any_text_is_refused_or_breaks_no_file(answers: dict[str, str], render: Render) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        if attempt(render, project, answers):
            every_file_parses(project)
            recorded = yaml.safe_load((project / ".copier-answers.yml").read_text("utf-8"))
            assert recorded.items() >= answers.items()
