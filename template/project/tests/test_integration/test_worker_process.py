"""A worker as a process of its own, the way it runs in production."""

import asyncio
import json
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack

import httpx
import pytest
import yaml
from temporalio.client import Client

from dev.domains import domain, domain_names
from dev.layout import task_queue
from dev.processes import stop
from dev.rules import DEPLOY
from dev.run import run_sample

StartWorker = Callable[..., Coroutine[None, None, Process]]

METRICS = yaml.safe_load((DEPLOY / "monitoring" / "metrics.yml").read_text("utf-8"))
OBSERVED = re.compile(r"observed at (http://[\d.:]+)")


@pytest.fixture
async def start_worker() -> AsyncIterator[StartWorker]:
    """Starts the worker of a domain with additional environment variables; none is left behind."""
    async with AsyncExitStack() as started:

        async def start(**environment: str) -> Process:
            worker = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                domain(domain_names()[0]).worker,
                env=os.environ | {"HEALTH_PORT": "0", "CONNECT_TIMEOUT_SECONDS": "0"} | environment,
                stderr=PIPE,
            )
            started.push_async_callback(stop, worker)
            return worker

        yield start


@pytest.fixture
async def worker(start_worker: StartWorker, temporal: Client, services: str) -> Process:
    """A worker on a real server."""
    address = temporal.service_client.config.target_host
    return await start_worker(
        TEMPORAL_ADDRESS=address,
        SERVICES_URL=services,
        LOG_FORMAT="json",
        HTTP_PROXY="http://127.0.0.1:1",  # what it asks itself does not go there
    )


@pytest.fixture
async def health(worker: Process) -> AsyncIterator[httpx.AsyncClient]:
    """A connection to where the worker is observed, as soon as it is there."""
    assert worker.stderr
    while not (found := OBSERVED.search(line := (await worker.stderr.readline()).decode())):
        assert line, "the worker ended"
    async with httpx.AsyncClient(base_url=found[1]) as http:
        for _ in range(200):
            if (await http.get("/readyz")).status_code == 200:
                break
            await asyncio.sleep(0.05)
        yield http


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_worker_ends_with_success_at_a_signal(
    number: signal.Signals, worker: Process, health: httpx.AsyncClient
) -> None:
    worker.send_signal(number)

    assert await asyncio.wait_for(worker.wait(), 30) == 0


async def test_a_worker_that_polls_is_alive_and_ready(health: httpx.AsyncClient) -> None:
    assert (await health.get("/livez")).json() == {"status": "alive"}
    assert (await health.get("/readyz")).json() == {"status": "ready"}


async def test_metrics_have_the_names_that_rules_ask_for(
    health: httpx.AsyncClient, temporal: Client
) -> None:
    """Those of `after_event` need a fault, which would take long to make here."""
    idle = await health.get("/metrics")
    assert await run_sample(temporal, domain(domain_names()[0]))
    busy = await health.get("/metrics")

    assert idle.headers["Content-Type"].startswith("text/plain; version=")
    assert set(METRICS["at_start"]) <= names(idle.text)
    assert set(METRICS["after_work"]) <= names(busy.text)
    build = re.search(r"^worker_build_info{(.*)} 1.0$", busy.text, re.MULTILINE)
    assert build
    assert f'namespace="{temporal.namespace}",task_queue="' in build[1]


def names(metrics: str) -> set[str]:
    return set(re.findall(r"^(\w+)[{ ]", metrics, re.MULTILINE))


async def test_a_worker_says_what_it_starts_with_but_no_secret(
    start_worker: StartWorker, temporal: Client
) -> None:
    address = temporal.service_client.config.target_host
    worker = await start_worker(
        TEMPORAL_ADDRESS=address,
        TEMPORAL_API_KEY="secret",
        TEMPORAL_TLS="false",
        SERVICES_URL="http://user:secret@127.0.0.1:1",
        MAX_CONCURRENT_ACTIVITES="10",
        MAX_CACHED_WORKFLOWS="70",
        TEMPORAL_DEPLOYMENT_NAME="orders",
        TEMPORAL_WORKER_BUILD_ID="7",
    )
    assert worker.stderr
    warning, line = [(await worker.stderr.readline()).decode() for _ in range(2)]
    worker.terminate()

    assert "MAX_CONCURRENT_ACTIVITES (is MAX_CONCURRENT_ACTIVITIES meant?)" in warning
    for said in (
        f"Worker of {task_queue(domain_names()[0])} starts: ",
        f", build 7, connected to {address}, namespace default, no TLS, API key, ",
        "observed at http://127.0.0.1:",
        '"max_cached_workflows":70',
        '"services_url":"http://***@127.0.0.1:1/"',
    ):
        assert said in line
    assert "secret" not in line + (await worker.stderr.read()).decode()


async def test_a_worker_whose_polls_are_refused_is_not_ready(
    start_worker: StartWorker, temporal: Client
) -> None:
    address = temporal.service_client.config.target_host
    too_long = {"TEMPORAL_DEPLOYMENT_NAME": 600 * "o", "TEMPORAL_WORKER_BUILD_ID": "1"}
    worker = await start_worker(TEMPORAL_ADDRESS=address, **too_long)
    assert worker.stderr
    url = re.search(r"observed at (\S+),", (await worker.stderr.readline()).decode())
    assert url
    async with httpx.AsyncClient() as http:
        for _ in range(400):
            ready = await http.get(f"{url[1]}/readyz")
            if ready.json() == {"status": "refused"}:
                break
            await asyncio.sleep(0.1)

    assert (ready.status_code, ready.json()) == (503, {"status": "refused"})


async def test_each_line_of_the_log_is_an_object(
    worker: Process, health: httpx.AsyncClient
) -> None:
    worker.terminate()
    assert worker.stderr
    lines = (await worker.stderr.read()).splitlines()

    assert {"level", "name", "message", "timestamp"} <= set(json.loads(lines[-1]))
    assert all(json.loads(line) for line in lines)


async def test_a_worker_stops_while_it_waits_for_a_server(start_worker: StartWorker) -> None:
    worker = await start_worker(TEMPORAL_ADDRESS="127.0.0.1:1", CONNECT_TIMEOUT_SECONDS="60")
    assert worker.stderr
    assert b"It is tried again" in await worker.stderr.readline()
    worker.terminate()

    assert await asyncio.wait_for(worker.wait(), 10) == 0


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"MAX_CONCURRENT_ACTIVITIES": "abc"}, "MAX_CONCURRENT_ACTIVITIES=abc: "),
        ({"TEMPORAL_ADDRESS": "127.0.0.1:1"}, "TEMPORAL_ADDRESS"),
    ],
)
async def test_a_wrong_variable_is_named_in_one_line(
    start_worker: StartWorker, environment: dict[str, str], message: str
) -> None:
    worker = await start_worker(**environment)
    assert worker.stderr
    output = await worker.stderr.read()

    assert await worker.wait() == 2
    assert message in output.decode()
    assert output.count(b"\n") == 1


async def test_what_a_worker_ends_with_is_an_object_too(start_worker: StartWorker) -> None:
    worker = await start_worker(TEMPORAL_ADDRESS="127.0.0.1:1", LOG_FORMAT="json")
    assert worker.stderr
    said = json.loads(await worker.stderr.read())

    assert await worker.wait() == 2
    assert (said["level"], said["message"][:13]) == ("CRITICAL", "No connection")


async def test_a_wrong_namespace_is_named(start_worker: StartWorker, temporal: Client) -> None:
    address = temporal.service_client.config.target_host
    worker = await start_worker(TEMPORAL_ADDRESS=address, TEMPORAL_NAMESPACE="nowhere")
    assert worker.stderr
    output = await worker.stderr.read()

    assert await worker.wait() == 2
    assert b"nowhere" in output
    assert output.count(b"\n") == 1


async def test_a_port_in_use_is_named(start_worker: StartWorker, services: str) -> None:
    worker = await start_worker(HEALTH_PORT=services.rsplit(":", 1)[1])
    assert worker.stderr
    output = await worker.stderr.read()

    assert await worker.wait() == 2
    assert output.startswith(b"HEALTH_HOST=127.0.0.1 HEALTH_PORT=")
    assert output.count(b"\n") == 1
