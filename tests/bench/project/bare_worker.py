"""A worker as in the SDK's samples, but for what a variant changes.

`python -m dev.bench.bare_worker TASK_QUEUE VARIANT [WORKFLOWS CONCURRENCY]`; with the last two, if the
variant has its client inside, it runs workflows, prints a line of JSON and ends.
"""

import asyncio
import json
import os
import sys
import time

from dev.bench.driver import drive
from dev.bench.variants import VARIANTS, Variant
from temporalio.client import Client
from temporalio.worker import Worker

WARM_UP = 10


async def main(queue: str, variant: Variant, *sizes: int) -> None:
    client = await Client.connect(
        os.environ["TEMPORAL_ADDRESS"],
        data_converter=variant.converter,
        runtime=variant.runtime(),
    )
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[variant.workflow()],
        activities=[variant.activity],
        **variant.options,
    )
    if not variant.client_inside:
        await worker.run()
        return
    async with worker:
        await drive(client, queue, WARM_UP, WARM_UP, variant.eager)
        began = time.process_time()
        driven = await drive(client, queue, *sizes, variant.eager)
        print(json.dumps({**driven._asdict(), "cpu": time.process_time() - began}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], VARIANTS[sys.argv[2]], *map(int, sys.argv[3:])))
