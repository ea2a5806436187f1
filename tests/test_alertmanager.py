"""What a running Alertmanager keeps to itself, with the configuration of a project as it is shipped."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import free_port, run

pytestmark = pytest.mark.e2e

NO_POLLERS = {"alertname": "TemporalNoPollers", "severity": "critical", "task_queue": "order"}
BURNS = NO_POLLERS | {"alertname": "TemporalStartObjectiveBurnsFast"}
SLOW = {"alertname": "TemporalActivitiesSlow", "severity": "warning", "task_queue": "order"}
ELSEWHERE = SLOW | {"task_queue": "notification"}
DOWN = {"alertname": "TemporalWorkerDown", "severity": "critical"}
NO_QUEUE = {"alertname": "TemporalMemoryHigh", "severity": "warning"}


@pytest.fixture
def alertmanager(rendered: Callable[[str], Path], tmp_path: Path) -> Iterator[str]:
    """The address of an Alertmanager that knows all those alerts."""
    config = rendered("defaults") / "deploy/monitoring/alertmanager.yml"
    url = f"http://127.0.0.1:{free_port()}"
    started = subprocess.Popen(
        [
            "prometheus-alertmanager",
            f"--config.file={config}",
            f"--storage.path={tmp_path}",
            f"--web.listen-address={url.removeprefix('http://')}",
            "--cluster.listen-address=",
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        for labels in (NO_POLLERS, BURNS, SLOW, ELSEWHERE, DOWN, NO_QUEUE):
            add(url, labels)
        yield url
    finally:
        started.terminate()
        started.wait()


def add(url: str, labels: dict[str, str]) -> None:
    """Report an alert, as soon as somebody listens."""
    pairs = [f"{name}={value}" for name, value in labels.items()]
    command = ["amtool", "alert", "add", f"--alertmanager.url={url}", "namespace=default", *pairs]
    for _ in range(100):
        if not run(*command, cwd=Path(), check=False).returncode:
            return
        time.sleep(0.1)
    pytest.fail(f"no Alertmanager at {url}")


def told(url: str) -> list[tuple[str, str]]:
    """The alerts that somebody is told of, by name and task queue."""
    command = ["amtool", "alert", "query", f"--alertmanager.url={url}", "--output=json"]
    alerts = json.loads(run(*command, "--active", cwd=Path()).stdout)
    return sorted(
        (each["labels"]["alertname"], each["labels"].get("task_queue", "")) for each in alerts
    )


def test_one_page_of_a_queue_holds_back_its_warnings(alertmanager: str) -> None:
    for _ in range(50):  # an alert is judged a moment after it is taken
        if len(told(alertmanager)) == 4:
            break
        time.sleep(0.1)

    assert told(alertmanager) == [
        ("TemporalActivitiesSlow", "notification"),
        ("TemporalMemoryHigh", ""),
        ("TemporalNoPollers", "order"),
        ("TemporalWorkerDown", ""),
    ]
