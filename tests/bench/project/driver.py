"""A server, and workflows that run on it in a closed loop."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from uuid import uuid4

from dev.stack import Ports, temporal
from temporalio.client import Client

STEPS = 3


class Driven(NamedTuple):
    """Workflows that were run; times are in seconds."""

    seconds: float
    latencies: list[float]
    ids: list[str]


@asynccontextmanager
async def server() -> AsyncIterator[Client]:
    """A new server, to which the processes that are started meanwhile connect."""
    async with temporal(Ports.free(), log_level="never") as (client, _):
        yield client
    del os.environ["TEMPORAL_ADDRESS"]  # lest the next takes it for one that is to be used


async def drive(
    client: Client, queue: str, workflows: int, concurrency: int, eager: bool = False
) -> Driven:
    """Run so many workflows, so many at a time."""
    ids = [f"{queue}-{uuid4().hex[:8]}" for _ in range(workflows)]
    waiting = iter(ids)
    latencies = []

    async def run_some() -> None:
        for each in waiting:
            began = time.perf_counter()
            handle = await client.start_workflow(
                "Bench",
                {"job_id": each, "steps": STEPS},
                id=each,
                task_queue=queue,
                request_eager_start=eager,
            )
            await handle.result()
            latencies.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(run_some() for _ in range(concurrency)))
    return Driven(time.perf_counter() - began, latencies, ids)
