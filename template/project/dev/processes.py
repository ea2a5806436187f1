"""Processes that live as long as a block of code, and what ends it."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import cache
from typing import IO, Any, NoReturn

from watchfiles import PythonFilter, awatch

STOP_SECONDS = 50  # more than a worker takes, even if it has to be ended by force


@cache
def group() -> int | None:
    """The process group of all that is started here; it ends with us, even if we are killed.

    Its first member waits for the end of a pipe that we hold open. A group of their own also
    keeps Ctrl-C from the others: it must not stop the servers before the workers.
    """
    if os.name != "posix":
        return None
    theirs, _ours = os.pipe()
    first = ["sh", "-c", "read -r _; kill 0"]
    stdin = [(os.POSIX_SPAWN_DUP2, theirs, 0)]
    pid = os.posix_spawn("/bin/sh", first, os.environ, file_actions=stdin, setpgroup=0)
    os.close(theirs)
    return pid


@asynccontextmanager
async def process(*command: str, output: IO[bytes] | None = None) -> AsyncIterator[Process]:
    """A process that is stopped at the end."""
    started = await asyncio.create_subprocess_exec(*command, stdout=output, process_group=group())
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


@asynccontextmanager
async def running(*programs: Coroutine[Any, Any, int]) -> AsyncIterator[set[asyncio.Task[int]]]:
    """Programs that run beside the block; at its end all of them are stopped at once."""
    tasks = {asyncio.create_task(program) for program in programs}
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def module(*command: str, then: str = "everything is stopped") -> int:
    """Run a Python module that is meant to go on; 1 once it ended nevertheless."""
    async with process(sys.executable, "-m", *command) as started:
        code = await started.wait()
    print(f"{command[0]} ended with {code}, see above: {then}.", flush=True)
    return 1


async def until_one_ends(*modules: str) -> int:
    """Run modules until the first of them ends; 1."""
    async with running(*map(module, modules)) as tasks:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return 1


async def reloading(*modules: str) -> NoReturn:
    """Run modules, all of them anew after each change of the code."""
    changes = awatch("src", watch_filter=PythonFilter())
    then = "it starts again when the code changes"
    while True:
        async with running(*(module(each, then=then) for each in modules)):
            await anext(changes)


async def until_signal() -> int:
    """Wait for Ctrl-C, SIGTERM, or the end of the terminal; 0."""
    signalled = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):  # Windows has no SIGHUP
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(signalled.set))
    await signalled.wait()
    return 0
