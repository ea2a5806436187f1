"""How fast the project replays short and long histories.

    python -m dev.bench.replay RESULT.json ROUNDS SHORT LONG

Each round replays so many of 23 and of about 2,000 events, with the arguments of the replay tests.
"""

import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

from dev.bench.driver import server
from dev.bench.production_activities import AsyncActivities
from dev.bench.production_models import Job
from dev.bench.production_workflow import ProductionWorkflow
from my_temporal_service.runtime.converter import create_converter
from my_temporal_service.runtime.options import worker_options, workflow_options
from my_temporal_service.runtime.plugins import PLUGINS
from my_temporal_service.runtime.process import run_process
from my_temporal_service.runtime.settings import WorkerSettings
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer, Worker

STEPS = (3, 332)


async def record(client: Client) -> list[WorkflowHistory]:
    """Histories of workflows of so many steps, six events each."""
    worker = Worker(
        client,
        task_queue="replay",
        workflows=[ProductionWorkflow],
        activities=[AsyncActivities().step],
        **worker_options(WorkerSettings()),
    )
    histories = []
    async with worker:
        for steps in STEPS:
            handle = await client.start_workflow(
                ProductionWorkflow.run,
                Job(job_id="replayed", steps=steps),
                id=f"replayed-{steps}",
                task_queue="replay",
            )
            await handle.result()
            histories.append(await handle.fetch_history())
    return histories


def anew(history: str) -> WorkflowHistory:
    """The same history under the id of another run, for runs are cached."""
    fields = json.loads(history)
    fields["events"][0]["workflowExecutionStartedEventAttributes"]["originalExecutionRunId"] = str(
        uuid4()
    )
    return WorkflowHistory.from_json("replayed", fields)


async def speed(history: str, count: int) -> float:
    """Histories replayed in a second, by one replayer."""
    replayer = Replayer(
        workflows=[ProductionWorkflow],
        data_converter=create_converter(),
        plugins=PLUGINS,
        **workflow_options(WorkerSettings()),
    )
    prepared = [anew(history) for _ in range(count)]

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for each in prepared:
            yield each

    began = time.perf_counter()
    await replayer.replay_workflows(histories())
    return count / (time.perf_counter() - began)


async def main(file: str, rounds: int, *counts: int) -> int:
    async with server() as client:
        recorded = await record(client)
    texts = [each.to_json() for each in recorded]
    found: dict[int, list[float]] = {len(each.events): [] for each in recorded}
    await speed(texts[0], 1)  # a process hashes its modules once
    for _ in range(rounds):
        for text, count, (events, speeds) in zip(texts, counts, found.items(), strict=True):
            speeds.append(await speed(text, count))
            print(f"{events} events: {speeds[-1]:.2f} histories/s", flush=True)
    Path(file).write_text(json.dumps(found), "utf-8")
    return 0


if __name__ == "__main__":
    run_process(main(sys.argv[1], *map(int, sys.argv[2:])))
