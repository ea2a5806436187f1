"""Run inside a project: a workflow that the worker of its domain begins, and that of another name ends.

    python renamed_domain.py begin order LEDGER
    python renamed_domain.py end purchase LEDGER

Prints the type and the status of the workflow; the server is the one that TEMPORAL_ADDRESS names.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

from dev.domains import Domain, domain
from dev.processes import process
from dev.servers import register_search_attributes
from dev.services import Ledger, serve
from my_temporal_service.client.temporal_client import connect
from temporalio.client import Client

KEY = "renamed"


@asynccontextmanager
async def worker(domain: Domain) -> AsyncIterator[None]:
    async with process(sys.executable, "-m", domain.worker):
        yield


async def begin(client: Client, domain: Domain) -> None:
    """Start a workflow, and let go of it in its first activity."""
    handle = await domain.start(client, domain.samples(KEY)["completed"])
    async with worker(domain):
        while (await handle.describe()).history_length < 5:
            await asyncio.sleep(0.05)


async def end(client: Client, domain: Domain) -> None:
    """Find the workflow by the client of the renamed domain, and let its worker end it."""
    sample = domain.samples(KEY)["completed"]
    find = import_module(f"my_temporal_service.client.{domain.name}_client").find
    handle = find(client, sample.order_id)
    async with worker(domain):
        await handle.result()
        description = await handle.describe()
        print(f"{description.workflow_type} {description.status.name} on {description.task_queue}")
        another = await domain.start(client, domain.samples("another")["completed"])
        await another.result()
        print(f"{(await another.describe()).workflow_type} started after it")


async def main(step: str, name: str, ledger: Path) -> None:
    client = await connect()
    await register_search_attributes(client)
    os.environ["HEALTH_PORT"] = "0"
    with serve(Ledger(ledger), latency=1 if step == "begin" else 0) as url:
        os.environ["SERVICES_URL"] = url
        await {"begin": begin, "end": end}[step](client, domain(name))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
    sys.stdout.flush()
    os._exit(0)
