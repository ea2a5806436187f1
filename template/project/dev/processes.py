"""Processes that live as long as a block of code, and what ends it."""

import asyncio
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

STOP_SECONDS = 40  # more than a worker's graceful shutdown takes


@asynccontextmanager
async def process(*command: str, quiet: bool = False) -> AsyncIterator[Process]:
    """A process that is stopped at the end."""
    started = await asyncio.create_subprocess_exec(
        *command,
        stdout=DEVNULL if quiet else None,
        start_new_session=True,  # Ctrl-C must not stop the servers before the workers
    )
    try:
        yield started
    finally:
        await stop(started)


async def stop(started: Process) -> None:
    """Stop a process, by a signal first and by force if it ignores that."""
    if started.returncode is None:
        started.terminate()
        try:
            await asyncio.wait_for(started.wait(), STOP_SECONDS)
        except TimeoutError:
            started.kill()
            await started.wait()


async def until_one_ends(processes: list[Process]) -> int:
    """Wait until the first of the processes ends; 1, for each of them was meant to go on."""
    ended = [asyncio.create_task(started.wait()) for started in processes]
    await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
    print("A process ended, see above: the others are stopped too.", flush=True)
    return 1


async def until_signal() -> int:
    """Wait for Ctrl-C, SIGTERM, or the end of the terminal; 0."""
    signalled = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):  # Windows has no SIGHUP
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(signalled.set))
    await signalled.wait()
    return 0
