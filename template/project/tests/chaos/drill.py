"""What a drill is given, and what it found."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.client import Client

from dev.domains import Domain
from dev.services import Ledger
from tests.chaos.judgement import Script, faults
from tests.chaos.stage import Stage, stage
from tests.chaos.workload import Ended, Performance, Sample

STALLED_SECONDS = 180  # in which no workflow ends: then none does any more
SAY_EVERY_SECONDS = 5


@dataclass
class Drill:
    """One drill: the samples that it may use, its chance, its faults and figures."""

    name: str
    folder: Path
    ledger_file: Path
    script: Script
    seed: str
    faults: list[str] = field(default_factory=list)
    figures: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(f"{self.seed} {self.name}")
        self.ledger = Ledger(self.ledger_file)
        self._started = self._ended = self._late = 0
        self._seen = max((row.id for row in self.ledger.effects("")), default=0)

    @property
    def domains(self) -> list[Domain]:
        """The domains that can be drilled."""
        return list(dict.fromkeys(sample.domain for sample in self.script))

    @property
    def firsts(self) -> list[Sample]:
        """The first sample of each domain."""
        found: dict[str, Sample] = {}
        for sample in self.script:
            found.setdefault(sample.domain.name, sample)
        return list(found.values())

    @property
    def stepping(self) -> list[Sample]:
        """Those of the first samples that run activities."""
        return [sample for sample in self.firsts if self.script[sample].has_steps]

    @property
    def patient(self) -> list[Sample]:
        """The samples that no message can miss, for it comes at no certain time."""
        timeless = [sample for sample in self.script if not self.script[sample].has_messages]
        return list(dict.fromkeys([*self.firsts, *timeless]))

    def say(self, text: str) -> None:
        """Tell how far it is."""
        print(f"  {self.name}: {text}", flush=True)

    def promise(self, kept: bool, otherwise: str) -> None:
        """Note a fault unless a promise is kept."""
        if not kept:
            self.faults.append(otherwise)

    def stage(self, latency: float = 0.1, trouble: float = 0) -> AbstractAsyncContextManager[Stage]:
        """Server, services and proxy, with no worker yet."""
        return stage(self.folder, self.ledger_file, latency, trouble, self.seed)

    async def begin(self, client: Client, sample: Sample) -> Performance:
        """Start a workflow of a sample."""
        self._started += 1
        return await Performance.begin(client, sample, f"{self.name}-{self._started}")

    async def load(
        self,
        client: Client,
        samples: list[Sample],
        rate: float,
        until: Callable[[], bool],
        at_least: int = 0,
    ) -> list[Performance]:
        """Start so many workflows a second, of each sample in turn."""
        starting: list[asyncio.Task[Performance]] = []
        began = time.monotonic()
        while len(starting) < at_least or not until():
            sample = samples[len(starting) % len(samples)]
            starting.append(asyncio.create_task(self.begin(client, sample)))
            await asyncio.sleep(max(0, began + len(starting) / rate - time.monotonic()))
        return await asyncio.gather(*starting)

    async def ends(self, performances: Iterable[Performance]) -> list[Ended]:
        """Wait until all workflows have ended, and judge what became of them."""
        ending = {asyncio.create_task(each.end()): each for each in performances}
        done: set[asyncio.Task[Ended]] = set()
        running = set(ending)
        moved = said = time.monotonic()
        while running and time.monotonic() < moved + STALLED_SECONDS:
            more, running = await asyncio.wait(
                running, timeout=1, return_when=asyncio.FIRST_COMPLETED
            )
            done |= more
            if more:
                moved = time.monotonic()
            if time.monotonic() > said + SAY_EVERY_SECONDS:
                said = time.monotonic()
                self.say(f"{len(done)} of {len(ending)} workflows have ended")
        for task in running:
            task.cancel()
            self.faults.append(f"{ending[task].sample} {ending[task].handle.id}: did not end")
        ended = [task.result() for task in done]
        ignored = tuple(f"{ending[task].handle.id}:" for task in running)
        rows = [
            row
            for row in self.ledger.effects("")
            if row.id > self._seen and not row.key.startswith(ignored)
        ]
        self._seen = max((row.id for row in rows), default=self._seen)
        self.faults += faults(self.script, ended, rows)
        self._ended += len(ending)
        self._late += sum(end.late for end in ended)
        missed = f", {self._late} missed a message" if self._late else ""
        self.figures["workflows"] = f"{self._ended}{missed}"
        return ended
