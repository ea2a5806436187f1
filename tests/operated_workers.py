"""Run inside a project: restarts, stops and cuts off real workers under load, one drill after another.

    python operated_workers.py drain|force|outage|rolling

Prints what happened; an assertion that fails ends it.
"""

import asyncio
import os
import re
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import uuid4

import httpx
from dev.domains import domain
from dev.processes import group, process
from dev.servers import executable, register_search_attributes
from dev.services import Ledger, serve
from dev.stack import connect_to
from my_temporal_service.runtime.telemetry import free_port
from temporalio.api.enums.v1 import EventType, PendingActivityState
from temporalio.client import Client, WorkflowHandle

ORDER = domain("order")

# Of what the drills are about, a call of a service takes so many seconds; by default it is 0.3.
LATENCY = {"drain": 2, "force": 5}

# The worker, but it gives up three times within the outage if it takes that for lost pollers.
IMPATIENT = f"""
from runpy import run_module
from unittest.mock import patch
from my_temporal_service.runtime import lifecycle
patch.object(lifecycle, "POLLERS_LOST_SECONDS", 10).start()
run_module("{ORDER.worker}", run_name="__main__")
"""
OBSERVED = re.compile(r"observed at (http://[\d.:]+)")


class Running:
    """A worker process and where it is observed."""

    def __init__(self, process: Process, url: str) -> None:
        """What `start` makes."""
        self.process = process
        self.url = url
        self.log = asyncio.create_task(process.stderr.read())

    @classmethod
    async def start(cls, *program: str) -> "Running":
        """Start a worker; returns once it is ready."""
        command = [sys.executable, *(program or ("-m", ORDER.worker))]
        process = await asyncio.create_subprocess_exec(*command, stderr=PIPE, process_group=group())
        while not (found := OBSERVED.search((await process.stderr.readline()).decode())):
            assert process.returncode is None, "the worker did not start"
        worker = cls(process, found[1])
        while await worker.status("readyz") != 200:
            await asyncio.sleep(0.05)
        return worker

    async def status(self, path: str) -> int:
        """What it answers to a probe."""
        async with httpx.AsyncClient(timeout=5) as http:
            return (await http.get(f"{self.url}/{path}")).status_code

    async def stop(self) -> tuple[int, float]:
        """Stop it by SIGTERM; returns its exit code and how long that took."""
        started = time.monotonic()
        self.process.terminate()
        code = await asyncio.wait_for(self.process.wait(), 60)
        return code, time.monotonic() - started


@asynccontextmanager
async def server(port: int, database: Path) -> AsyncIterator[Client]:
    """A real server that keeps its data when it stops."""
    command = [executable("temporal"), "server", "start-dev", "--headless", "--ip=127.0.0.1"]
    command += [f"--port={port}", f"--db-filename={database}", "--log-level=error"]
    with tempfile.TemporaryFile() as output:
        async with process(*command, output=output) as started:
            yield await connect_to(started, output)


async def start(client: Client) -> WorkflowHandle:
    _, sample = next(iter(ORDER.samples(uuid4().hex[:8]).items()))
    return await ORDER.start(client, sample)


async def load(client: Client, rate: float, seconds: float) -> list[WorkflowHandle]:
    """Start so many workflows a second, for so long."""
    handles = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        handles.append(await start(client))
        await asyncio.sleep(1 / rate)
    return handles


async def attempts(handles: list[WorkflowHandle]) -> list[int]:
    """The attempts that the activities of workflows took; each workflow has to complete."""
    await asyncio.gather(*(handle.result() for handle in handles))
    return [
        event.activity_task_started_event_attributes.attempt
        for handle in handles
        async for event in handle.fetch_history_events()
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    ]


async def runs_an_activity(handle: WorkflowHandle) -> bool:
    pending = (await handle.describe()).raw_description.pending_activities
    return any(
        each.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED for each in pending
    )


async def drain(client: Client) -> None:
    """SIGTERM under load: what runs is finished, the rest goes on elsewhere."""
    leaving, staying = await Running.start(), await Running.start()
    loading = asyncio.create_task(load(client, rate=5, seconds=6))
    await asyncio.sleep(3)
    stopping = asyncio.create_task(leaving.stop())
    seen = []
    while not stopping.done():
        with suppress(httpx.TransportError):  # it may be gone
            seen.append((await leaving.status("readyz"), await leaving.status("livez")))
        await asyncio.sleep(0.05)
    code, took = await stopping
    tries = await attempts(await loading)
    print(
        f"drain: exit {code} after {took:.1f} s, {seen.count((503, 200))} times unready and alive,"
        f" {len(tries)} activities, most {max(tries)} tries"
    )
    assert (code, max(tries)) == (0, 1)
    draining = [probes for probes in seen if probes[0] != 200]
    assert draining, "it was never seen unready, but ready or gone"
    assert seen[-len(draining) :] == draining == [(503, 200)] * len(draining)
    assert took < 30
    await staying.stop()


async def force(client: Client) -> None:
    """A second signal does not wait for what runs."""
    worker = await Running.start()
    handle = await start(client)
    while not await runs_an_activity(handle):
        await asyncio.sleep(0.05)
    worker.process.terminate()
    await asyncio.sleep(1.2)
    assert worker.process.returncode is None, "it waits for the activity"
    code, took = await worker.stop()
    print(f"force: exit {code} after {took:.1f} s")
    assert code == 1
    assert took < 1
    await handle.terminate()


async def outage(worker: Running) -> None:
    """The server is away for half a minute: the worker neither ends nor counts as dead."""
    for _ in range(30):
        assert await worker.status("livez") == 200
        assert worker.process.returncode is None
        await asyncio.sleep(1)


async def rolling(client: Client) -> None:
    """Three workers are replaced one after the other: no attempt is lost."""
    workers = [await Running.start() for _ in range(3)]
    loading = asyncio.create_task(load(client, rate=4, seconds=20))
    for index in range(3):
        await asyncio.sleep(2)
        replacement = await Running.start()  # as with maxSurge 1, maxUnavailable 0
        code, took = await workers[index].stop()
        print(f"rolling: worker {index} exit {code} after {took:.1f} s")
        assert code == 0
        workers[index] = replacement
    handles = await loading
    tries = await attempts(handles)
    print(f"rolling: {len(handles)} workflows, {len(tries)} activities, most {max(tries)} tries")
    assert max(tries) == 1
    await asyncio.gather(*(worker.stop() for worker in workers))


async def main(drill: str) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Ledger(Path(folder, "ledger")), latency=LATENCY.get(drill, 0.3)) as url,
    ):
        port, database = free_port(), Path(folder, "temporal.sqlite")
        os.environ |= {
            "TEMPORAL_ADDRESS": f"127.0.0.1:{port}",
            "SERVICES_URL": url,
            "HEALTH_PORT": "0",
        }
        async with server(port, database) as client:
            await register_search_attributes(client)
            if drill != "outage":
                await {"drain": drain, "force": force, "rolling": rolling}[drill](client)
                return
            worker = await Running.start("-c", IMPATIENT)
            handles = await load(client, rate=5, seconds=3)
        await outage(worker)
        async with server(port, database):
            began = time.monotonic()
            await attempts(handles)
            print(f"outage: all completed {time.monotonic() - began:.1f} s after its end")
            code, _ = await worker.stop()
            assert code == 0


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
    sys.stdout.flush()
    os._exit(0)
