"""Temporal's UI, in a browser, on what `make dev` runs."""

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import OUTSIDE, free_port, run
from tests.pictures.project import UV

SIZE = (1280, 860)


def draw(project: Path) -> dict[str, bytes]:
    """Run a saga to its end, and one that takes everything back."""
    ports = {f"{part}_PORT": str(free_port()) for part in ("TEMPORAL", "UI", "SERVICES")}
    environment = ports | {"UV": str(UV)}
    found = {}
    with dev(project, environment):
        for picture, sample in (("completed", "completed"), ("taken-back", "shipment-refused")):
            command = ("make", "run", "WORKFLOW=order", f"SAMPLE={sample}")
            output = run(*command, cwd=project, environment=environment).stdout
            [workflow] = re.findall(r"workflow (\S+) started", output)
            url = f"http://127.0.0.1:{ports['UI_PORT']}/namespaces/default/workflows/{workflow}"
            found[f"saga-{picture}.png"] = screenshot(url)
    return found


@contextmanager
def dev(project: Path, environment: dict[str, str]) -> Iterator[None]:
    """Let `make dev` run."""
    log = project / "build/dev.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(
            ["make", "dev"],
            cwd=project,
            env={**OUTSIDE, **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        while "Ready for" not in log.read_text("utf-8"):
            if process.poll() is not None:
                raise SystemExit(log.read_text("utf-8"))
            time.sleep(0.2)
        yield
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


def screenshot(url: str) -> bytes:
    """A page as Chromium shows it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.png")
        command = [
            *("chromium", "--headless", "--hide-scrollbars", f"--user-data-dir={folder}/profile"),
            *("--virtual-time-budget=10000", f"--window-size={SIZE[0]},{SIZE[1]}"),
            *(f"--screenshot={file}", url),
        ]
        if os.geteuid() == 0:
            command.append("--no-sandbox")
        run(*command, cwd=Path(folder), environment={"TZ": "UTC", "LANG": "C.UTF-8"})
        return file.read_bytes()
