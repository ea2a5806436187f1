"""Workers side by side on the same server.

    python -m dev.bench.throughput worker|tuning RESULT.json PAIRS WORKFLOWS CONCURRENCY VARIANTS

`worker` compares the template's worker with the bare one, `tuning` the first so many variants with it.
"""

import asyncio
import json
import math
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import psutil
from dev.bench.bare_worker import WARM_UP
from dev.bench.driver import Driven, drive, server
from dev.bench.variants import BARE, SYNCHRONOUS, VARIANTS
from dev.processes import group, stop
from my_temporal_service.runtime.process import run_process
from temporalio.client import Client

SCHEDULED = "workflow_task_scheduled_event_attributes"
STARTED = "workflow_task_started_event_attributes"


class Subject(NamedTuple):
    """A worker that is measured, and that with which it is compared."""

    name: str
    module: str
    argument: str
    base: str = BARE


PRODUCTION = [
    Subject(f"the template's worker, {how}", "dev.bench.production_worker", kind, base)
    for how, kind, base in (
        ("the same asynchronous activities", "async", BARE),
        ("synchronous activities", "sync", BARE),
        ("synchronous activities, to a bare one with those", "sync", SYNCHRONOUS),
    )
]
BASES = {variant.base for variant in VARIANTS.values()}
BARE_ONES = {
    name: Subject(name, "dev.bench.bare_worker", name, variant.base)
    for name, variant in VARIANTS.items()
}


class Run(NamedTuple):
    """What was seen of a worker; times are in seconds, CPU too, by workflow where it says so."""

    throughput: float
    p50: float
    p99: float
    wait_p99: float
    """From schedule to start of a workflow task."""
    worker_cpu: float
    server_cpu: float
    others: float
    """Cores that other programs took of this machine."""


def quantile(values: Sequence[float], q: float) -> float:
    return sorted(values)[math.ceil(q * len(values)) - 1]


def busy() -> float:
    """Seconds of CPU that were used on this machine."""
    times = psutil.cpu_times()
    return times.user + times.nice + times.system


def cpu(process: psutil.Process) -> float:
    """Seconds of CPU that a process has used."""
    times = process.cpu_times()
    return times.user + times.system


@asynccontextmanager
async def started(subject: Subject, *arguments: str) -> AsyncIterator[Process]:
    """The process of a worker; what it would log is lost."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", subject.module, *arguments),
        env=os.environ | {"HEALTH_PORT": "0", "LOG_FORMAT": "json"},
        stdout=PIPE,
        stderr=DEVNULL,
        process_group=group(),
    )
    try:
        yield process
    finally:
        await stop(process)


async def waits(client: Client, ids: Sequence[str]) -> list[float]:
    """How long each workflow task waited, as the histories have it."""
    found = []
    for each in ids:
        scheduled = {}
        async for event in client.get_workflow_handle(each).fetch_history_events():
            if event.HasField(SCHEDULED):
                scheduled[event.event_id] = event.event_time.ToNanoseconds()
            elif event.HasField(STARTED):
                since = scheduled[event.workflow_task_started_event_attributes.scheduled_event_id]
                found.append((event.event_time.ToNanoseconds() - since) / 1e9)
    return found


async def measure(client: Client, subject: Subject, workflows: int, concurrency: int) -> Run:
    """Start a worker, warm it up, let it run so many workflows, so many at a time."""
    queue = f"bench-{uuid4().hex[:8]}"
    server_process = next(each for each in psutil.Process().children() if "temporal" in each.name())
    inside = VARIANTS[subject.argument].client_inside if subject.argument in VARIANTS else False
    arguments = [queue, subject.argument]
    if inside:
        arguments += [str(workflows), str(concurrency)]
    async with started(subject, *arguments) as process:
        worker = psutil.Process(process.pid)
        programs = (psutil.Process(), worker, server_process)
        if not inside:
            await drive(client, queue, WARM_UP, WARM_UP)
        before = [busy(), *map(cpu, programs)]
        if inside:
            said = json.loads(await process.stdout.readline())
            spent = said.pop("cpu")
            driven = Driven(**said)
        else:
            driven = await drive(client, queue, workflows, concurrency)
            spent = cpu(worker) - before[2]
        after = [busy(), *map(cpu, programs)]
    all_programs, *ours = (b - a for a, b in zip(before, after, strict=True))
    return Run(
        throughput=workflows / driven.seconds,
        p50=quantile(driven.latencies, 0.5),
        p99=quantile(driven.latencies, 0.99),
        wait_p99=quantile(await waits(client, driven.ids), 0.99),
        worker_cpu=spent / workflows,
        server_cpu=ours[2] / workflows,
        others=max(0, all_programs - sum(ours)) / driven.seconds,
    )


def rounds(subjects: Sequence[Subject]) -> Iterator[list[Subject]]:
    """Two at a time around what they are compared with, so that it runs right beside both."""
    by_base = defaultdict(list)
    for subject in subjects:
        by_base[subject.base].append(subject)
    for base, compared in by_base.items():
        for n in range(0, len(compared), 2):
            first, *second = compared[n : n + 2]
            yield [first, BARE_ONES[base], *second]


async def main(kind: str, file: str, *sizes: int) -> int:
    pairs, workflows, concurrency, count = sizes
    tuned = [each for name, each in BARE_ONES.items() if name not in BASES]
    subjects = PRODUCTION if kind == "worker" else tuned[:count]
    found = []
    for turn in range(pairs):
        async with server() as client:
            for those in rounds(subjects):
                runs = {}
                for subject in those[:: -1 if turn % 2 else 1]:
                    run = await measure(client, subject, workflows, concurrency)
                    runs[subject.name] = run._asdict()
                    print(
                        f"{turn + 1} of {pairs}: {subject.name}: {run.throughput:.1f} workflows/s,"
                        f" p99 {1000 * run.p99:.0f} ms, CPU {1000 * run.worker_cpu:.1f} ms a workflow",
                        flush=True,
                    )
                found += [
                    {"name": s.name, "base": s.base, "run": runs[s.name], "other": runs[s.base]}
                    for s in those
                    if s.base in runs and s.base != s.name
                ]
        Path(file).write_text(json.dumps(found), "utf-8")  # of all rounds so far
    return 0


if __name__ == "__main__":
    run_process(main(*sys.argv[1:3], *map(int, sys.argv[3:])))
