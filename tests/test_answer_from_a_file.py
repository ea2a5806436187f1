"""docs/how-to/answer-from-a-file.md, done as the page says."""

import os
import re
from pathlib import Path

import yaml

from tests.conftest import ROOT, UV, run

PAGE = (ROOT / "docs/how-to/answer-from-a-file.md").read_text("utf-8")


def test_the_page_as_it_stands(template: Path, tmp_path: Path) -> None:
    (answers,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (command,) = re.findall(r"```shell\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "answers.yml"
    path = f"{UV.parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"TEMPLATE": str(template), "PATH": path}

    def copy(code: str, *, check: bool = True) -> str:
        return run("bash", "-euc", code, cwd=tmp_path, environment=environment, check=check).stdout

    file.write_text(f"{answers}misspelt: true\n", "utf-8")
    copy(command)
    recorded = yaml.safe_load((tmp_path / "billing/.copier-answers.yml").read_text("utf-8"))
    assert recorded.items() >= yaml.safe_load(answers).items()
    assert recorded["package_name"] == "billing_platform"
    assert "misspelt" not in recorded

    copy(command.replace("--defaults", "--defaults --overwrite --data api=false"))
    recorded = yaml.safe_load((tmp_path / "billing/.copier-answers.yml").read_text("utf-8"))
    assert recorded["api"] is False

    file.write_text(answers.replace("invoice:saga", "invoice:sage"), "utf-8")
    assert "sage" in copy(command.replace(" billing", " refused"), check=False)
    assert not (tmp_path / "refused/src").exists()
