"""Prints how many milliseconds the first `Worker(...)` of a process takes: `explicit` or `default` build id."""

import asyncio
import os
import sys
import time

import httpx
from my_temporal_service.client.temporal_client import connect
from my_temporal_service.runtime import options
from my_temporal_service.runtime.settings import WorkerSettings
from my_temporal_service.workers import order_worker


async def main(kind: str) -> None:
    if kind == "default":
        ours = options.worker_options
        order_worker.worker_options = lambda settings: {
            name: value for name, value in ours(settings).items() if name != "deployment_config"
        }
    client = await connect()
    with httpx.Client() as http:
        began = time.perf_counter()
        order_worker.create_worker(client, WorkerSettings(), http)
        print(1000 * (time.perf_counter() - began), flush=True)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
