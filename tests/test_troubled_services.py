"""Whatever the services do, nobody is charged twice, and nothing is left of what failed."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT, UV, Render, run

pytestmark = [pytest.mark.e2e, pytest.mark.alone]


def test_200_orders_and_200_payments_end_in_a_consistent_ledger(
    render: Render, tmp_path: Path
) -> None:
    project = render(tmp_path / "project", domains="order:saga, payment:retry")
    run("make", "setup", f"UV={UV}", cwd=project)
    shutil.copy2(ROOT / "tests/troubled_services.py", project / "dev/troubled_services.py")

    output = run(".venv/bin/python", "-m", "dev.troubled_services", cwd=project).stdout

    assert "400 workflows ended within " in output
    assert "The ledger is consistent" in output
