"""T6: the load test measures what it says, on made-up figures and in a short run."""

import asyncio
import json
import math
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock
from xml.etree import ElementTree

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from dev.domains import domain_names
from tests.load.driver import UNFINISHED, Arrival, drive, moments
from tests.load.measurements import Metrics, Percentiles, Reading, Slots, Step, summarize
from tests.load.report import bounds, summary, write
from tests.load.search import capacity, highest, holds, search
from tests.load.system import System

ROOT = Path(__file__).parents[2]
WAITED = "temporal_activity_schedule_to_start_latency_seconds_bucket"


def reading(at: float, short: int, long: int) -> Reading:
    """What a worker says after so many tasks that waited for up to 50 and 100 milliseconds."""
    counts = {'{le="0.05"}': short, '{le="0.1"}': short + long, '{le="+Inf"}': short + long}
    page = "\n".join(f"{WAITED}{bound} {count}" for bound, count in counts.items())
    usage = {"order-worker-1": at / 2, "services": 0.0}
    return Reading(at, [Metrics(page)], usage, dict.fromkeys(usage, 100), 0.5, 0.001)


def step(offered: float, achieved: float, wait: float = 0.01) -> Step:
    """A step in which 99 % of the tasks waited for so long at most."""
    waits = Percentiles(wait / 2, wait, wait)
    one = summarize([Arrival(0, 0, 0.1)], 0, 1, [reading(0, 0, 0), reading(1, 0, 0)])
    seen = replace(one, activity_wait=waits, workflow_task_wait=waits)
    return replace(seen, offered=offered, achieved=achieved)


async def test_a_stall_shows_in_the_latency_of_all_that_came_during_it() -> None:
    async def stall_once() -> None:
        if len(started) == 0:
            started.append(1)
            time.sleep(0.3)  # noqa: ASYNC251 -- nothing can be started meanwhile

    started: list[int] = []
    arrivals = await drive(stall_once, [n / 100 for n in range(40)], patience=5)

    assert len(arrivals) == 40
    for arrival in arrivals:
        assert arrival.latency >= 0.3 - arrival.meant, "it was wanted during the stall"


async def test_workflows_start_at_their_moments_however_slow_those_before_are() -> None:
    async def slow() -> None:
        begun.append(1)
        if len(begun) == 40:
            all_begun.set()
        await all_begun.wait()

    begun: list[int] = []
    all_begun = asyncio.Event()
    arrivals = await drive(slow, moments(200, 0, 0.2), patience=5)

    assert len(arrivals) == 40
    assert not [arrival.error for arrival in arrivals if arrival.error]
    assert all(arrival.lateness > -0.02 for arrival in arrivals), "a clock may tick slowly"


async def test_what_fails_or_does_not_finish_counts_as_such() -> None:
    async def fail_or_hang() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise ValueError("no stock")
        await asyncio.sleep(60)

    runs: list[int] = []
    arrivals = await drive(fail_or_hang, [0, 0.01], patience=0.2)
    measured = summarize(arrivals, 0, 1, [reading(0, 0, 0), reading(1, 0, 0)])

    assert measured.failures == {"no stock": 1, UNFINISHED: 1}
    assert measured.end_to_end.p99 == pytest.approx(0.2, abs=0.1)
    assert (measured.achieved, measured.completed) == (0, 0)
    assert "some failed" in replace(measured, offered=0).lacks


def test_only_what_comes_after_the_warm_up_is_measured() -> None:
    cold = [Arrival(meant=n / 10, began=n / 10, ended=n / 10 + 3) for n in range(10)]
    warm = [Arrival(meant=5 + n / 10, began=5 + n / 10, ended=5.1 + n / 10) for n in range(20)]
    measured = summarize(cold + warm, 5, 2, [reading(5, 1_000, 9_000), reading(7, 1_099, 9_001)])

    assert (measured.offered, measured.achieved) == (10, 9.5)
    assert measured.end_to_end.p99 == pytest.approx(0.1)
    assert measured.activity_wait.p50 == pytest.approx(0.05 * 50 / 99)
    assert measured.activity_wait.p99 == pytest.approx(0.05)
    assert measured.worker_cpu == 0.5


def test_percentiles_come_from_the_bucket_that_they_fall_into() -> None:
    last = {0.05: 50, 0.1: 98, 0.2: 100, math.inf: 100}

    waits = Percentiles.between({}, last)

    assert (waits.p50, waits.p95, waits.p99) == pytest.approx((0.05, 0.05 + 0.05 * 45 / 48, 0.15))
    assert Percentiles.between(last, last).p99 is None
    assert Percentiles.between({}, {0.05: 0, math.inf: 1}).p50 == 0.05


async def test_the_search_finds_the_plateau_and_the_highest_rate_that_holds() -> None:
    async def measure(rate: float) -> Step:
        return step(rate, min(rate, 40), wait=0.01 if rate < 30 else 0.3)

    steps: list[Step] = []
    await search(measure, steps)

    assert capacity(steps) == 40
    best = highest(steps, holds)
    assert best
    assert 27 < best.offered < 30
    assert len(steps) <= 14


def test_what_was_not_seen_and_a_late_driver_hold_nothing() -> None:
    late = Percentiles(0.01, 0.2, 0.3)

    assert step(10, 10).holds
    assert replace(step(10, 10), lateness=late).lacks == ["the driver was late"]
    unseen = replace(step(10, 10), workflow_task_wait=Percentiles(None, None, None))
    assert unseen.lacks == ["no workflow task was seen"]


async def test_workflows_that_take_longer_than_a_step_keep_up_all_the_same() -> None:
    class Slow(System):
        """Each of its workflows takes longer than a step."""

        async def run_workflow(self) -> None:
            """Take some time."""
            await asyncio.sleep(0.3)

        async def readings(self, lead: float, seconds: float) -> list[Reading]:
            """What idle workers say."""
            leads.append(lead)
            return idle(lead, seconds)

    def idle(lead: float, seconds: float) -> list[Reading]:
        return [reading(lead, 0, 0), reading(lead + seconds, 0, 0)]

    leads: list[float] = []
    slow = Slow(Mock(), [], [], "", {})
    calm = await slow.warm_up(1)
    await slow.measure(rate=20, seconds=0.1)
    [lead] = leads
    meant = moments(20, 0, lead) + moments(20, lead, 0.1)
    kept_up = [Arrival(at, began=at, ended=at + calm) for at in meant]

    assert calm >= 0.3
    assert summarize(kept_up, lead, 0.1, idle(lead, 0.1)).keeps_up


async def test_a_sample_that_fails_by_itself_is_not_measured() -> None:
    class Failing(System):
        """Each of its workflows fails."""

        async def run_workflow(self) -> None:
            """Fail."""
            raise WorkflowFailureError(cause=ApplicationError("no stock"))

    with pytest.raises(SystemExit, match="fails: no stock"):
        await Failing(Mock(), [], [], "", {}).warm_up(1)


def test_the_report_names_what_bound() -> None:
    taken = replace(step(40, 30), slots={"activities": Slots(50, 50)})
    slow = replace(step(40, 40, wait=0.3), machine=1.0)
    served = replace(step(40, 30), cpu={"order-worker-1": 0.2, "services": 0.95})

    assert "`MAX_CONCURRENT_ACTIVITIES=100`" in "".join(bounds([taken]))
    assert "stand-in services" in "".join(bounds([served]))
    assert "CPU of this machine" in "".join(bounds([step(10, 10), slow]))
    assert "none that was measured" in "".join(summary([taken]))


def test_a_report_of_many_workers_and_one_of_idle_ones_can_be_drawn(tmp_path: Path) -> None:
    many = {f"order-worker-{number}": 0.1 for number in range(20)} | {"services": 0.1}
    idle = replace(step(0, 0), cpu={"order-worker-1": 0.0, "services": 0.0})

    for steps in ([replace(step(40, 30), cpu=many), replace(step(20, 20), cpu=many)], [idle]):
        written = write(tmp_path, {"SECONDS": 10}, steps).read_text("utf-8")
        assert "`SECONDS=10`" in written


def test_a_short_run_leaves_a_plausible_report(tmp_path: Path) -> None:
    options = [f"--WORKFLOW={domain_names()[0]}", "--RATE=5", "--SECONDS=3"]
    embedded = {name: text for name, text in os.environ.items() if not name.startswith("TEMPORAL_")}
    folders = os.pathsep.join(map(str, (ROOT, ROOT / "src")))
    done = subprocess.run(
        [sys.executable, "-m", "tests.load", *options],
        cwd=tmp_path,
        env=embedded | {"PYTHONPATH": folders},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    report = tmp_path / "build/load/report.json"
    assert report.exists(), done.stdout
    [measured] = json.loads(report.read_text("utf-8"))["steps"]

    assert not measured["failures"]
    assert measured["offered"] == 5
    assert measured["completed"] == 15
    assert measured["achieved"] < 10
    for times in (measured["end_to_end"], measured["workflow_task_wait"]):
        assert 0 < times["p50"] <= times["p95"] <= times["p99"] < 30
    for program in ("driver", "services", "server", f"{domain_names()[0]}-worker-1"):
        assert 0 <= measured["cpu"][program] < 4
        assert measured["memory"][program] > 10e6
    limits = {kind: slots["limit"] for kind, slots in measured["slots"].items()}
    assert limits == {"workflow tasks": 100, "activities": 50}
    assert "| 5.0 |" in report.with_name("report.md").read_text("utf-8")
    for plot in ("throughput", "end-to-end", "waits", "cpu"):
        ElementTree.parse(report.with_name(f"{plot}.svg"))
