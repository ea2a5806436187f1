"""Run inside a project: kills every worker in the middle of its workflow, and starts it again.

One more holds an expense in memory that waits for its manager: what waits for no attempt goes on within
RECOVERY seconds. Prints how each workflow ended; the exit code is that of the unluckiest.
"""

import asyncio
import os
import sys
import tempfile
import time
from asyncio.subprocess import Process
from pathlib import Path

from dev.domains import Domain, domain, domain_names
from dev.servers import start_server
from dev.services import Ledger, serve
from temporalio.client import Client, WorkflowHandle

LATENCY = 1.0  # seconds a call, so that there is a middle
RECOVERY = 5.0  # seconds


async def start_worker(domain: Domain) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", domain.worker, stderr=asyncio.subprocess.DEVNULL
    )


async def is_under_way(handle: WorkflowHandle) -> None:
    """Wait until a worker has taken up the workflow."""
    while (await handle.describe()).history_length < 5:
        await asyncio.sleep(0.05)


async def survive(client: Client, domain: Domain) -> bool:
    worker = await start_worker(domain)
    name, sample = next(iter(domain.samples("killed").items()))
    handle = await domain.start(client, sample)
    playing = asyncio.create_task(domain.play(client, name, sample))
    await is_under_way(handle)
    worker.kill()
    await worker.wait()
    killed = time.monotonic()
    worker = await start_worker(domain)
    try:
        await asyncio.wait_for(asyncio.gather(playing, handle.result()), 120)
    except TimeoutError:
        print(f"{domain.name}: did not complete", flush=True)
        return False
    finally:
        worker.terminate()
        await worker.wait()
    print(f"{domain.name}: completed {time.monotonic() - killed:.1f} s after the kill", flush=True)
    return True


async def decided(client: Client, key: str, kill: bool) -> float:
    """Seconds from the decision on an expense to its end, its worker killed just before or not."""
    expense = domain("expense")
    sample = expense.samples(key)["rejected"]
    worker = await start_worker(expense)
    handle = await expense.start(client, sample)
    await is_idle(handle)
    if kill:
        worker.kill()
        await worker.wait()
        worker = await start_worker(expense)
    began = time.monotonic()
    try:
        async with asyncio.timeout(60):
            await expense.play(client, "rejected", sample)
            await handle.result()
    finally:
        worker.terminate()
        await worker.wait()
    return time.monotonic() - began


async def is_idle(handle: WorkflowHandle) -> None:
    """Wait until a workflow has begun and waits for a message alone."""
    while True:
        raw = (await handle.describe()).raw_description
        begun = raw.workflow_execution_info.history_length > 5
        if begun and not raw.pending_activities and not raw.HasField("pending_workflow_task"):
            return
        await asyncio.sleep(0.1)


async def lose_memory(client: Client) -> bool:
    """The workflow that a killed worker held in memory, but no attempt of, goes on at once."""
    calm = await decided(client, "calm", kill=False)
    late = await decided(client, "held", kill=True) - calm
    print(f"A workflow held in memory went on {late:.1f} s late", flush=True)
    return late <= RECOVERY


async def main() -> int:
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Ledger(Path(folder, "ledger")), latency=LATENCY) as url,
    ):
        async with await start_server() as server:
            os.environ["TEMPORAL_ADDRESS"] = server.client.service_client.config.target_host
            os.environ["SERVICES_URL"] = url
            os.environ["HEALTH_PORT"] = "0"
            survived = [survive(server.client, domain(name)) for name in domain_names()]
            survivors = await asyncio.gather(*survived)
            return 0 if all([*survivors, await lose_memory(server.client)]) else 1


if __name__ == "__main__":
    code = asyncio.run(main())
    sys.stdout.flush()
    os._exit(code)
