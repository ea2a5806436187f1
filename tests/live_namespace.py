"""Run inside a project: what a live namespace holds, workflows of all domains.

    python live_namespace.py 200

Half of them are closed, the others wait in the middle of a step. The server is the one that TEMPORAL_ADDRESS names.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from itertools import cycle, islice
from pathlib import Path

import httpx
from dev.domains import Domain, domain, domain_names
from dev.servers import register_search_attributes
from dev.services import Ledger, serve
from my_temporal_service.client.temporal_client import connect
from my_temporal_service.runtime.settings import WorkerSettings
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle

NEEDS_MESSAGES = {"cancelled", "withdrawn"}
SECOND_STEPS = {"/payments/charges", "/sms/messages"}
EVENTS = 11  # of a workflow that waits for its second step


class Half(httpx.HTTPTransport):
    """The way to services, of which some are down."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass on what is not for them."""
        if request.url.path in SECOND_STEPS:
            return httpx.Response(503)
        return super().handle_request(request)


async def start(client: Client, domain: Domain, number: int, prefix: str) -> list[WorkflowHandle]:
    """Start so many workflows, of all samples that need no messages."""
    names = [name for name in domain.samples("") if name not in NEEDS_MESSAGES]
    return [
        await domain.start(client, domain.samples(f"{prefix}-{each}")[name])
        for each, name in enumerate(islice(cycle(names), number))
    ]


async def ended(handle: WorkflowHandle) -> None:
    with suppress(WorkflowFailureError):
        await handle.result()


async def under_way(handle: WorkflowHandle) -> None:
    while (await handle.describe()).history_length < EVENTS:
        await asyncio.sleep(0.1)


async def live(
    client: Client,
    domains: list[Domain],
    http: httpx.Client,
    number: int,
    prefix: str,
    until: Callable[[WorkflowHandle], Awaitable[None]],
) -> None:
    """Start workflows of each domain, and let the workers work until all are as far as they should be."""
    async with AsyncExitStack() as workers:
        for each in domains:
            await workers.enter_async_context(each.create_worker(client, WorkerSettings(), http))
        handles = [
            handle for each in domains for handle in await start(client, each, number, prefix)
        ]
        await asyncio.gather(*map(until, handles))


async def main(number: int) -> None:
    client = await connect()
    await register_search_attributes(client)
    domains = [domain(name) for name in domain_names()]
    share = number // 2 // len(domains)
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Ledger(Path(folder, "ledger.sqlite"))) as url,
        httpx.Client(base_url=url) as http,
        httpx.Client(base_url=url, transport=Half()) as half,
    ):
        await live(client, domains, http, share, "closed", ended)
        await live(client, domains, half, share, "open", under_way)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
    sys.stdout.flush()
    os._exit(0)
