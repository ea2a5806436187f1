"""Starts workflows in an open loop: each at its moment, however slow those before it are.

A closed loop, or a clock that starts with the actual start, would make a system that stalls look fast:
while it stalls, nothing is started, and so nothing is slow (coordinated omission).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random

from dev.run import reason

UNFINISHED = "unfinished"


@dataclass
class Arrival:
    """A workflow, in seconds since the first moment: when it was meant to start, did, and ended."""

    meant: float
    began: float
    ended: float = 0
    error: str | None = None

    @property
    def latency(self) -> float:
        """How long it took for whoever wanted it; at least so long, if it is unfinished."""
        return self.ended - self.meant

    @property
    def lateness(self) -> float:
        """How much too late the driver started it."""
        return self.began - self.meant


def moments(rate: float, begin: float, seconds: float) -> list[float]:
    """So many a second, each at a random moment of its share of the time; the same in each run.

    Wholly random ones would come in bursts, whose number within some seconds is a matter of luck.
    """
    chance = Random(f"{rate} {begin}")
    number = max(1, round(rate * seconds))
    return [begin + (n + chance.random()) * seconds / number for n in range(number)]


async def drive(
    run: Callable[[], Awaitable[None]], meant: Sequence[float], patience: float
) -> list[Arrival]:
    """Run a workflow at each moment; gives up those that still run `patience` seconds after the last."""
    clock = asyncio.get_running_loop().time
    zero = clock()
    arrivals: list[Arrival] = []

    async def arrive(arrival: Arrival) -> None:
        try:
            async with asyncio.timeout_at(zero + meant[-1] + patience):
                await run()
        except TimeoutError:
            arrival.error = UNFINISHED
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is what is measured
            arrival.error = reason(error)
        arrival.ended = clock() - zero

    async with asyncio.TaskGroup() as running:
        for moment in meant:
            await asyncio.sleep(zero + moment - clock())
            arrivals.append(Arrival(moment, began=clock() - zero))
            running.create_task(arrive(arrivals[-1]))
    return arrivals
