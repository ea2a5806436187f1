"""Where a drill takes place: a server that keeps its data, services, workers; all of them processes."""

import asyncio
import os
import re
import signal
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import IO
from unittest.mock import patch

import httpx
from temporalio.client import Client

from dev.domains import Domain
from dev.processes import group
from dev.servers import executable, register_search_attributes, use_embedded_server
from dev.stack import Ports, connect_to
from tests.chaos.proxy import Proxy

OBSERVED = re.compile(r"observed at (http://[\d.:]+)")
START_SECONDS = 180  # of a worker on a busy machine


class Worker:
    """A process of the worker of a domain, and where it is observed."""

    def __init__(self, domain: Domain, process: Process, log: IO[str]) -> None:
        self.domain = domain
        self.process = process
        self.url = ""
        self.working = False
        self._log = log
        self._reading = asyncio.create_task(self._read())

    @property
    def running(self) -> bool:
        """Whether the process has not ended."""
        return self.process.returncode is None

    async def ready(self) -> None:
        """Wait until it polls for tasks; raises RuntimeError if it ends instead."""
        async with asyncio.timeout(START_SECONDS):
            while not self.url or await self.status("readyz") != 200:
                if not self.running:
                    raise RuntimeError(f"A worker did not start, see {self._log.name}")
                await asyncio.sleep(0.05)
        self.working = True

    async def status(self, path: str) -> int:
        """What it answers to a probe; 0 if it does not."""
        async with httpx.AsyncClient(timeout=10) as http:
            try:
                return (await http.get(f"{self.url}/{path}")).status_code
            except httpx.TransportError:
                return 0

    async def stop(self) -> tuple[int, float]:
        """Stop it by SIGTERM; its exit code, and the seconds that took."""
        began = time.monotonic()
        self.process.terminate()
        async with asyncio.timeout(60):
            return await self.process.wait(), time.monotonic() - began

    async def kill(self) -> None:
        """End it by SIGKILL, even if it is stopped."""
        if self.running:
            self.process.kill()
        await self.process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self.process.stderr
        async for line in self.process.stderr:
            text = line.decode(errors="replace")
            self._log.write(text)
            self._log.flush()
            if found := OBSERVED.search(text):
                self.url = found[1]
        self._log.close()


class Server:
    """Temporal on one port, with one database, as often as it is started."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self._folder = folder
        self._process: Process | None = None

    async def start(self) -> Client:
        """Start it; returns once it is ready."""
        command = [str(executable("temporal")), "server", "start-dev", "--headless"]
        command += ["--ip=127.0.0.1", f"--port={self.port}", "--log-level=error"]
        command += [f"--db-filename={self._folder / 'temporal.sqlite'}"]
        with tempfile.TemporaryFile() as output:
            self._process = await asyncio.create_subprocess_exec(
                *command, stdout=output, stderr=output, process_group=group()
            )
            return await connect_to(self._process, output)

    async def stop(self, number: signal.Signals) -> None:
        """End it by a signal."""
        if self._process and self._process.returncode is None:
            self._process.send_signal(number)
            await self._process.wait()


class Stage:
    """What a drill plays with; `worker()` adds workers to it."""

    def __init__(self, folder: Path, server: Server, client: Client, proxy: Proxy) -> None:
        self.server = server
        self.client = client
        self.proxy = proxy
        self.workers: list[Worker] = []
        self._folder = folder
        self._numbers = count(1)

    async def worker(self, domain: Domain, prefix: Iterable[str] = ()) -> Worker:
        """Start a worker; returns at once. `prefix` is a command that runs it."""
        name = f"{domain.name}-worker-{next(self._numbers)}.log"
        process = await asyncio.create_subprocess_exec(
            *(*prefix, sys.executable, "-m", domain.worker),
            env=os.environ | {"TEMPORAL_ADDRESS": f"127.0.0.1:{self.proxy.port}"},
            stdout=DEVNULL,
            stderr=PIPE,
            process_group=group(),
        )
        worker = Worker(domain, process, (self._folder / name).open("w", encoding="utf-8"))
        self.workers.append(worker)
        return worker

    async def start_workers(self, domains: Iterable[Domain], each: int = 1) -> None:
        """Start so many workers of each domain; returns once all are ready."""
        started = [await self.worker(domain) for domain in domains for _ in range(each)]
        await asyncio.gather(*(worker.ready() for worker in started))

    def alive(self, suits: Callable[[Worker], bool] = lambda _: True) -> list[Worker]:
        """The workers that run."""
        return [worker for worker in self.workers if worker.running and suits(worker)]


@asynccontextmanager
async def stage(
    folder: Path, ledger: Path, latency: float = 0.1, trouble: float = 0, seed: str = ""
) -> AsyncIterator[Stage]:
    """A stage with nobody on it; at its end every process is killed. Logs and database are in `folder`."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    with patch.dict(os.environ):
        async with _stage(folder, ledger, latency, trouble, seed) as play:
            yield play


@asynccontextmanager
async def _stage(
    folder: Path, ledger: Path, latency: float, trouble: float, seed: str
) -> AsyncIterator[Stage]:
    ports = Ports.free()
    use_embedded_server(ports.temporal)
    os.environ["SERVICES_URL"] = f"http://127.0.0.1:{ports.services}"
    os.environ["HEALTH_PORT"] = "0"
    server = Server(ports.temporal, folder)
    services = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dev.services", f"--port={ports.services}", f"--ledger={ledger}"),
        *(f"--latency={latency}", f"--trouble={trouble}", f"--seed={seed}"),
        process_group=group(),
    )
    workers: list[Worker] = []
    try:
        async with Proxy.started(ports.temporal) as proxy:
            client = await server.start()
            await register_search_attributes(client)
            await answering(services, os.environ["SERVICES_URL"])
            play = Stage(folder, server, client, proxy)
            workers = play.workers
            yield play
    finally:
        await asyncio.gather(*(worker.kill() for worker in workers))
        await server.stop(signal.SIGKILL)
        services.kill()
        await services.wait()


async def answering(services: Process, url: str) -> None:
    """Wait until the services answer; raises RuntimeError if they ended."""
    async with httpx.AsyncClient() as http, asyncio.timeout(START_SECONDS):
        while services.returncode is None:
            try:
                await http.get(url)
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return
    raise RuntimeError("The services did not start")
