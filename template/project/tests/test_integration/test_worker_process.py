"""A worker as a process of its own, the way it runs in production."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack

import pytest
from temporalio.client import Client

from dev.domains import domain, domain_names
from dev.processes import stop

StartWorker = Callable[..., Coroutine[None, None, Process]]


@pytest.fixture
async def start_worker() -> AsyncIterator[StartWorker]:
    """Starts the worker of a domain with additional environment variables; none is left behind."""
    async with AsyncExitStack() as started:

        async def start(**environment: str) -> Process:
            worker = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                domain(domain_names()[0]).worker,
                env=os.environ | environment,
                stderr=PIPE,
            )
            started.push_async_callback(stop, worker)
            return worker

        yield start


async def until_it_says(worker: Process, text: bytes) -> None:
    """Read what a worker logs until the text comes."""
    assert worker.stderr
    while text not in (line := await worker.stderr.readline()):
        assert line, "the worker ended"


async def test_a_worker_ends_with_success_at_sigterm(
    start_worker: StartWorker, temporal: Client, services: str
) -> None:
    address = temporal.service_client.config.target_host
    worker = await start_worker(TEMPORAL_ADDRESS=address, SERVICES_URL=services)
    await asyncio.wait_for(until_it_says(worker, b"starts with"), 20)
    worker.terminate()

    assert await asyncio.wait_for(worker.wait(), 30) == 0


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("MAX_CONCURRENT_ACTIVITIES", "abc", "MAX_CONCURRENT_ACTIVITIES=abc: "),
        ("LOG_LEVEL", "loud", "LOG_LEVEL=loud: "),
        ("SERVICES_URL", "nowhere", "SERVICES_URL=nowhere: "),
        ("TEMPORAL_ADDRESS", "127.0.0.1:1", "TEMPORAL_*"),
        ("TEMPORAL_TLS_CLIENT_CERT_PATH", "missing.pem", "missing.pem"),
    ],
)
async def test_a_wrong_variable_is_named_in_one_line(
    start_worker: StartWorker, variable: str, value: str, message: str
) -> None:
    worker = await start_worker(**{variable: value})
    _, output = await worker.communicate()

    assert worker.returncode == 2
    assert message in output.decode()
    assert output.count(b"\n") == 1
