"""Temporal's UI, in a browser, on what `make dev` runs."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.conftest import OUTSIDE, free_port, run
from tests.pictures.project import UV

# The first finds workers that only begin.
SAMPLES = {"warm-up": "completed", "completed": "completed", "taken-back": "shipment-refused"}
HEADING = 24  # pixels above it


def draw(project: Path) -> dict[str, bytes]:
    """Run a saga to its end, and one that takes everything back."""
    ports = {f"{part}_PORT": str(free_port()) for part in ("TEMPORAL", "UI", "SERVICES")}
    environment = ports | {"UV": str(UV)}
    found = {}
    with dev(project, environment), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        size = ViewportSize(width=1360, height=1400)
        page = browser.new_page(viewport=size, timezone_id="UTC", color_scheme="light")
        for picture, sample in SAMPLES.items():
            command = ("make", "run", "WORKFLOW=order", f"SAMPLE={sample}")
            output = run(*command, cwd=project, environment=environment).stdout
            [workflow] = re.findall(r"workflow (\S+) started", output)
            url = f"http://127.0.0.1:{ports['UI_PORT']}/namespaces/default/workflows/{workflow}"
            page.goto(url, wait_until="networkidle")
            found[f"saga-{picture}.png"] = screenshot(page, whole=picture == "completed")
    found.pop("saga-warm-up.png")
    return found


def screenshot(page: Page, whole: bool) -> bytes:
    """The page of a workflow, or its timeline: the whole of one that failed has a stack trace, with paths."""
    page.get_by_role("button", name="Descending").click()
    page.wait_for_timeout(1500)  # until the bars have moved
    heading = page.get_by_role("heading", name="Timeline")
    panel = heading.locator("xpath=ancestor::*[following-sibling::*][2]/following-sibling::*[1]")
    top, below = (
        (page.get_by_role("main") if whole else heading).bounding_box(),
        panel.bounding_box(),
    )
    assert top
    assert below
    start = top["y"] - (0 if whole else HEADING)
    clip = {"x": below["x"] - HEADING, "width": below["width"] + 2 * HEADING, "y": start}
    return page.screenshot(clip={**clip, "height": below["y"] + below["height"] + HEADING - start})


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
