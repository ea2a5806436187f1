"""Run inside a project: kills every worker in the middle of its workflow, and starts it again.

Prints how each workflow ended; the exit code is that of the unluckiest.
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
            return 0 if all(await asyncio.gather(*survived)) else 1


if __name__ == "__main__":
    code = asyncio.run(main())
    sys.stdout.flush()
    os._exit(code)
