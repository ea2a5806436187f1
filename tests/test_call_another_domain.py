"""docs/how-to/call-another-domain.md, done as the page says."""

import re
import textwrap
from pathlib import Path

from tests.conftest import ROOT, UV, Render, run

PAGE = (ROOT / "docs/how-to/call-another-domain.md").read_text("utf-8")
FIELD, IMPORTS, CALL, TEST = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def insert(file: Path, code: str, before: str) -> None:
    """Put code before a line that stands once in the file, as far indented as that."""
    text = file.read_text("utf-8")
    assert text.count(before) == 1, before
    indent = re.search(rf"^( *){re.escape(before)}", text, re.MULTILINE)
    assert indent
    block = textwrap.indent(code, indent[1])
    file.write_text(text.replace(indent[0], block + indent[0]), "utf-8")


def test_the_page_as_it_stands(render: Render, tmp_path: Path) -> None:
    project = render(tmp_path / "project")
    package = project / "src/my_temporal_service"
    workflow = package / "workflows/order_workflow.py"

    insert(package / "models/order_models.py", FIELD, before="payment_token: str = Field(")
    error = "from temporalio.exceptions import WorkflowAlreadyStartedError\n"
    insert(workflow, error, before="from temporalio.exceptions import")
    insert(workflow, IMPORTS, before="from my_temporal_service.models.order_models import")
    insert(workflow, CALL, before="return OrderResult(")
    (project / "tests/test_integration/test_order_notification.py").write_text(TEST, "utf-8")

    run("make", "setup", f"UV={UV}", cwd=project)
    run(UV, "run", "ruff", "check", "--select", "I", "--fix", workflow, cwd=project)
    for target in ("check", "replay"):
        run("make", target, f"UV={UV}", cwd=project)
    command = ["run", "pytest", "tests/test_integration/test_order_notification.py"]
    assert "2 passed" in run(UV, *command, cwd=project).stdout
