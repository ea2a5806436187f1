"""What a worker tells the platform: whether it is alive, whether it works, and its metrics."""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import NamedTuple

import httpx
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from temporalio.worker import Worker

REFUSALS = {"INVALID_ARGUMENT", "NOT_FOUND", "PERMISSION_DENIED", "UNAUTHENTICATED"}
"""How a server answers polls that it will never have a task for; the SDK counts them and polls on."""

REFUSED_SECONDS = 30
"""For how long a refused poll counts: the next one comes within some 10 seconds."""

BUSY = {"temporal_num_pollers", "temporal_worker_task_slots_used"}
FAILED = "temporal_long_request_failure_total"


class Work(NamedTuple):
    """How it stands with the tasks of a worker."""

    goes_on: bool
    """Whether polls wait for tasks or try to reach the server, or it has tasks to work on.

    A worker polls for no more than it has slots for: with all of them in use, it has no poll.
    """

    refused: list[str]
    """The codes by which the server has refused polls of late, such as for a namespace that is gone."""


class Health:
    """The state of a worker, which may not exist yet."""

    def __init__(self, metrics_url: str) -> None:
        self.worker: Worker | None = None
        self.draining = False
        self._metrics_url = metrics_url
        self._refused: Counter[str] = Counter()
        self._refused_at: dict[str, float] = {}

    async def state(self) -> str:
        """`ready` only while the worker polls for tasks, however few there are."""
        if self.draining:
            return "draining"
        if self.worker is None or not self.worker.is_running:
            return "starting"
        work = await self.work()
        if work.refused:
            return "refused"
        return "ready" if work.goes_on else "not polling"

    async def work(self) -> Work:
        """How it stands with the tasks of the worker."""
        families = text_string_to_metric_families(await self.metrics())
        samples = [sample for family in families for sample in family.samples]
        goes_on = any(sample.value for sample in samples if sample.name in BUSY)
        refused: Counter[str] = Counter()
        for sample in samples:
            # Clients wait by long requests too, such as for the result of a workflow.
            if sample.name == FAILED and sample.labels["operation"].endswith("TaskQueue"):
                refused[sample.labels["status_code"]] += int(sample.value)
        now = time.monotonic()
        self._refused_at |= dict.fromkeys((refused - self._refused).keys() & REFUSALS, now)
        self._refused = refused
        lately = (c for c, at in self._refused_at.items() if now < at + REFUSED_SECONDS)
        return Work(goes_on, sorted(lately))

    async def metrics(self) -> str:
        """The metrics of the SDK."""
        # ast-grep-ignore: RA5-circuit-breaker -- it calls this process itself
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:  # past any proxy
            return (await http.get(self._metrics_url)).text


def create_app(health: Health) -> Starlette:
    """The routes of the platform's probes and of Prometheus."""

    # It answers on the event loop of the worker: if that hangs, a restart is what helps.
    async def live(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> Response:
        state = await health.state()
        return JSONResponse({"status": state}, 200 if state == "ready" else 503)

    async def metrics(_: Request) -> Response:
        text = await health.metrics() + generate_latest().decode()
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/livez", live), Route("/readyz", ready), Route("/metrics", metrics)]
    return Starlette(routes=routes)


class Server(uvicorn.Server):
    """A server that leaves signals to the program around it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def listen(what: str, host: str, port: int) -> socket.socket:
    """A socket that listens; exits with the variables `<what>_HOST` and `_PORT` if that fails."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, UnicodeError) as error:  # no such host may be either
        message = f"{what}_HOST={host} {what}_PORT={port}: {error}; choose another"
        raise SystemExit(message) from error


@asynccontextmanager
async def serving(health: Health, host: str, port: int) -> AsyncIterator[str]:
    """Serve the routes; yields their URL. Exits if the port cannot be had."""
    listener = listen("HEALTH", host, port)
    config = uvicorn.Config(create_app(health), lifespan="off", log_level="warning")
    server = Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        name = f"[{host}]" if ":" in host else host
        yield f"http://{name}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
