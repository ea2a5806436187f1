"""Alerts reach somebody: each severity has its receiver, and each receiver a way out."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dev.layout import ENDINGS, ROOT, task_queue
from dev.rules import DEPLOY
from tests.test_monitoring.test_rules import ALERTS

FILE = DEPLOY / "monitoring" / "alertmanager.yml"
CONFIG: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
RECEIVERS: dict[str, dict[str, Any]] = {each["name"]: each for each in CONFIG["receivers"]}

ENDING = ENDINGS["workers"]
WORKERS = sorted(ROOT.glob(f"src/*/workers/*{ENDING}.py"))
QUEUES = [task_queue(worker.stem.removesuffix(ENDING)) for worker in WORKERS]

TOLD = {"critical": "pages", "warning": "tickets"}
"""Who is told of an alert, by its severity."""

needs_amtool = pytest.mark.skipif(
    not shutil.which("amtool") and "CI" not in os.environ,
    reason="no amtool on the PATH, which checks and tests the routes",
)


def amtool(*arguments: str) -> str:
    done = subprocess.run(
        ["amtool", *arguments], capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
    return done.stdout.strip()


def assert_receiver(labels: list[str], receiver: str) -> None:
    """Fail unless the routes lead an alert of these labels to its receiver."""
    found = amtool("config", "routes", "test", f"--config.file={FILE}", *labels)

    assert found == receiver, f"M7 {labels} → the routes of alertmanager.yml"


@needs_amtool
def test_alertmanager_takes_its_configuration() -> None:
    amtool("check-config", str(FILE))


@needs_amtool
@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["severity=critical", "owner=somebody-else"], "pages"),
        (["severity=unheard-of"], "tickets"),
        ([], "tickets"),
    ],
)
def test_an_alert_goes_to_whom_its_severity_says(labels: list[str], receiver: str) -> None:
    assert_receiver(labels, receiver)


@needs_amtool
@pytest.mark.parametrize("severity", TOLD)
@pytest.mark.parametrize("queue", QUEUES)
def test_no_queue_goes_elsewhere(queue: str, severity: str) -> None:
    labels = [f"severity={severity}", "owner=temporal", "namespace=default", f"task_queue={queue}"]

    assert_receiver(labels, TOLD[severity])


@needs_amtool
@pytest.mark.parametrize("name", ALERTS)
def test_no_alert_goes_elsewhere(name: str) -> None:
    severity = ALERTS[name]["labels"]["severity"]

    assert_receiver([f"severity={severity}", f"alertname={name}"], TOLD[severity])


@needs_amtool
def test_a_message_names_the_alert_and_its_runbook(tmp_path: Path) -> None:
    labels = {"alertname": "TemporalNoPollers", "severity": "critical", "owner": "temporal"}
    annotations = {"summary": "Nobody polls", "runbook": "docs/runbooks/TemporalNoPollers.md"}
    alert = {"status": "firing", "labels": labels, "annotations": annotations}
    data = tmp_path / "data.json"
    data.write_text(json.dumps({"alerts": [alert]}), "utf-8")
    templates = f"--template.glob={FILE.with_suffix('.tmpl')}"
    text = '--template.text={{ template "slack.default.text" . }}'
    message = amtool("template", "render", templates, f"--template.data={data}", text)

    assert "TemporalNoPollers (critical, temporal): Nobody polls" in message
    assert "docs/runbooks/TemporalNoPollers.md" in message


@pytest.mark.parametrize("name", RECEIVERS)
def test_a_receiver_tells_somebody(name: str) -> None:
    ways = [way for ways in RECEIVERS[name].values() if isinstance(ways, list) for way in ways]

    assert ways, f"M7 {name} tells nobody → a receiver of alertmanager.yml"
    for way in ways:
        files = [str(value) for key, value in way.items() if key.endswith("_file")]
        assert any(file.startswith("/etc/alertmanager/secrets/") for file in files)
        assert not way.keys() & {"api_url", "routing_key", "service_key"}, "→ secrets are files"


def test_compose_has_the_secrets_that_receivers_ask_for() -> None:
    compose = yaml.safe_load((DEPLOY.parent / "compose.yaml").read_text("utf-8"))
    mounted = {secret["target"] for secret in compose["services"]["alertmanager"]["secrets"]}
    asked = set(re.findall(r"/etc/alertmanager/secrets/\S+", FILE.read_text("utf-8")))

    assert asked - {"/etc/alertmanager/secrets."} == mounted, "M7 → secrets of compose.yaml"


def test_both_receivers_are_there() -> None:
    assert {"pages", "tickets"} <= RECEIVERS.keys(), "M7 → the receivers of alertmanager.yml"


def test_what_follows_from_another_alert_is_held_back() -> None:
    """A queue without workers is late, and whoever is paged needs no ticket too."""
    for rule in CONFIG["inhibit_rules"]:
        source, target = " ".join(rule["source_matchers"]), " ".join(rule["target_matchers"])
        assert {"namespace", "task_queue"} <= set(rule["equal"]), "M7 → of the same queue only"
        if "TemporalNoPollers" in source:
            assert "(Late|Start)" in target, "M7 no pollers explain that work is late, nothing else"
        else:
            assert 'severity = "critical"' in source, "M7 only a page holds back others"
            assert 'severity = "warning"' in target, "M7 and only tickets"


def routes(route: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield route
    for below in route.get("routes", []):
        yield from routes(below)


def test_nobody_is_told_late_or_never() -> None:
    for route in routes(CONFIG["route"]):
        assert not {"mute_time_intervals", "active_time_intervals"} & route.keys(), f"M7 {route}"
        assert route.get("group_wait", "30s").endswith("s"), "M7 group_wait is of seconds"
        assert route.get("group_interval", "5m")[-1] in "sm", "M7 group_interval is of minutes"
