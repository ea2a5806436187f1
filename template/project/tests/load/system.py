"""What is measured: a server, the services that stand for the outside world, and real workers."""

import asyncio
import os
import shutil
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import count, cycle
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import httpx
import psutil
from temporalio.client import Client
from temporalio.exceptions import TemporalError
from temporalio.service import RPCError

from dev.domains import Domain, domain
from dev.processes import group, process, stop
from dev.run import reason
from dev.servers import register_search_attributes
from dev.services import bound_socket
from dev.stack import Ports, temporal
from tests.load.driver import drive, moments
from tests.load.measurements import Metrics, Reading, Step, summarize

LEAD = 0.3
"""How much of the seconds of a step it runs before it is measured: caches fill, pollers adapt."""

CALM = 1.5
"""How many times as long as an undisturbed workflow at least: as many end then as start."""

PATIENCE_SECONDS = 10
READY_SECONDS = 60
READ_EVERY_SECONDS = 2


class Worker(NamedTuple):
    """A worker process, where it is observed and where it logs."""

    name: str
    process: Process
    url: str
    log: Path

    def check(self) -> None:
        """Exit with what it said if it has ended."""
        if self.process.returncode is not None:
            said = "\n".join(self.log.read_text("utf-8").splitlines()[-20:])
            raise SystemExit(f"{said}\nThe {self.name} ended, see above.")


class System:
    """The programs together, which can be asked to do so many workflows a second."""

    def __init__(
        self,
        client: Client,
        domains: Sequence[Domain],
        workers: Sequence[Worker],
        services_url: str,
        programs: Mapping[str, psutil.Process],
    ) -> None:
        self._client = client
        self._domains = cycle(domains)
        self._keys = (f"{uuid4().hex[:8]}-{number}" for number in count())
        self._workers = workers
        self._services_url = services_url
        self._programs = programs
        self._calm_seconds = 0.0

    async def warm_up(self, domains: int) -> float:
        """Run two workflows of each domain, and return how long the slower ones took, in seconds.

        The first has to load what the second finds. Exits if one fails or does not end: there is
        nothing to measure then.
        """
        try:
            async with asyncio.timeout(READY_SECONDS):
                for _ in range(2):
                    began = time.monotonic()
                    await asyncio.gather(*(self.run_workflow() for _ in range(domains)))
        except TimeoutError:
            self.check()
            raise SystemExit(
                f"Undisturbed, a first sample does not end within {READY_SECONDS} s: give another"
                " domain as WORKFLOW."
            ) from None
        except TemporalError as error:
            raise SystemExit(f"Undisturbed, a first sample fails: {reason(error)}") from None
        self._calm_seconds = time.monotonic() - began
        return self._calm_seconds

    def lead(self, seconds: float) -> float:
        """How long a step runs before it is measured for so long."""
        return max(LEAD * seconds, CALM * self._calm_seconds)

    async def measure(self, rate: float, seconds: float) -> Step:
        """Offer so many workflows a second for so long, and see what happens."""
        lead = self.lead(seconds)
        patience = PATIENCE_SECONDS + self._calm_seconds
        meant = moments(rate, 0, lead) + moments(rate, lead, seconds)
        try:
            async with asyncio.TaskGroup() as both:
                driving = both.create_task(drive(self.run_workflow, meant, patience))
                reading = both.create_task(self.readings(lead, seconds))
        except* httpx.HTTPError as errors:
            self.check()
            raise SystemExit(f"A program did not answer: {errors.exceptions[0]!r}") from errors
        self.check()
        return summarize(driving.result(), lead, seconds, reading.result())

    def check(self) -> None:
        """Exit if a worker has ended."""
        for worker in self._workers:
            worker.check()

    async def run_workflow(self) -> None:
        """Run the first sample of the next domain to its end; terminates it if that is given up."""
        domain = next(self._domains)
        name, sample = next(iter(domain.samples(next(self._keys)).items()))
        handle = await domain.start(self._client, sample)
        try:
            await asyncio.gather(domain.play(self._client, name, sample), handle.result())
        except asyncio.CancelledError:
            with suppress(RPCError):  # it has just ended
                await handle.terminate("The load test waits no longer")
            raise

    async def readings(self, lead: float, seconds: float) -> list[Reading]:
        """The state when the measured time begins, now and then during it, and when it ends."""
        clock = asyncio.get_running_loop().time
        begin = clock() + lead
        between = [READ_EVERY_SECONDS * n for n in range(1, int(seconds / READ_EVERY_SECONDS))]
        taken = []
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as http:
            for moment in (0, *between, seconds):
                await asyncio.sleep(begin + moment - clock())
                taken.append(await self.read(http))
        return taken

    async def read(self, http: httpx.AsyncClient) -> Reading:
        """The state at this moment."""
        asked = time.monotonic()
        await http.get(f"{self._services_url}/load", headers={"Idempotency-Key": "none"})
        answered = time.monotonic()
        pages = await asyncio.gather(*(http.get(f"{w.url}/metrics") for w in self._workers))
        for page in pages:
            page.raise_for_status()
        times = {name: program.cpu_times() for name, program in self._programs.items()}
        return Reading(
            at=time.monotonic(),
            workers=[Metrics(page.text) for page in pages],
            cpu={name: spent.user + spent.system for name, spent in times.items()},
            memory={name: program.memory_info().rss for name, program in self._programs.items()},
            machine=psutil.cpu_percent() / 100,
            services=answered - asked,
        )


@asynccontextmanager
async def system(
    names: Sequence[str], each: int, latency: float, folder: Path
) -> AsyncIterator[System]:
    """Run `each` workers of each domain, on a server of our own or that of TEMPORAL_ADDRESS.

    `latency` is in seconds a call of the services. The folder is emptied, and holds their logs.
    """
    ports = Ports.free()
    domains = [domain(name) for name in names]
    services_url = f"http://127.0.0.1:{ports.services}"
    # At its limit, which is looked for, the server would log errors by the hundred.
    async with temporal(ports, log_level="never") as (client, _), AsyncExitStack() as started:
        await register_search_attributes(client)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        command = [sys.executable, "-m", "dev.services", f"--port={ports.services}"]
        command += [f"--latency={latency}"]
        services = await started.enter_async_context(process(*command))
        workers = [
            await started.enter_async_context(worker(each_domain, number, services_url, folder))
            for each_domain in domains
            for number in range(1, each + 1)
        ]
        for each_worker in workers:
            await until_ready(each_worker)
        programs = {worker.name: worker.process.pid for worker in workers}
        programs |= {"services": services.pid, "driver": os.getpid()}
        watched = {name: psutil.Process(pid) for name, pid in programs.items()}
        for child in psutil.Process().children(recursive=True):
            if child.name().startswith("temporal"):  # none if we work on a server elsewhere
                watched["server"] = child
        yield System(client, domains, workers, services_url, watched)


@asynccontextmanager
async def worker(
    domain: Domain, number: int, services_url: str, folder: Path
) -> AsyncIterator[Worker]:
    """A worker as it runs in production, but with the stand-in services."""
    name = f"{domain.name}-worker-{number}"
    with bound_socket() as bound:
        port = bound.getsockname()[1]
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        started = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", domain.worker),
            env=os.environ | {"SERVICES_URL": services_url, "HEALTH_PORT": str(port)},
            stdout=output,
            stderr=output,
            process_group=group(),
        )
    try:
        yield Worker(name, started, f"http://127.0.0.1:{port}", log)
    finally:
        await stop(started)


async def until_ready(worker: Worker) -> None:
    """Wait until a worker polls for tasks."""
    deadline = time.monotonic() + READY_SECONDS
    async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as http:
        while time.monotonic() < deadline:
            worker.check()
            with suppress(httpx.HTTPError):
                if (await http.get(f"{worker.url}/readyz")).is_success:
                    return
            await asyncio.sleep(0.1)
    raise SystemExit(f"The {worker.name} is not ready after {READY_SECONDS} s: see {worker.log}")
