"""What the start of a workflow costs a worker, and that of the worker itself.

    python -m dev.bench.start RESULT.json ROUNDS STARTS

A start is the replay of a history that ends with it, so no server takes part. CPU in milliseconds.
"""

import asyncio
import base64
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from dev.bench.driver import server
from dev.bench.packages import IMPORTED, workflow_module
from dev.bench.production_workflow import ProductionWorkflow
from dev.bench.sample import SampleWorkflow
from my_temporal_service.runtime.converter import create_converter
from my_temporal_service.runtime.options import workflow_options
from my_temporal_service.runtime.process import run_process
from my_temporal_service.runtime.settings import WorkerSettings
from my_temporal_service.workflows import order_workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

[SHIPPED] = Path("tests/test_replay/histories/order").glob("*/*completed.json")
JOB = base64.b64encode(json.dumps({"job_id": "a", "steps": 3}).encode()).decode()

Subjects = dict[str, tuple[Callable[[], Replayer], str]]
"""Replayers, and the types of workflows that they replay, by name."""


def start_of(workflow_type: str) -> WorkflowHistory:
    """The history of a workflow that has just started; with a run of its own, for runs are cached."""
    events = json.loads(SHIPPED.read_text("utf-8"))["events"][:3]
    attributes: dict[str, Any] = events[0]["workflowExecutionStartedEventAttributes"]
    attributes["originalExecutionRunId"] = str(uuid4())
    if attributes["workflowType"]["name"] != workflow_type:
        attributes["workflowType"]["name"] = workflow_type
        attributes["input"]["payloads"][0]["data"] = JOB
    return WorkflowHistory.from_json("started", {"events": events})


async def cost(replayer: Replayer, workflow_type: str, starts: int) -> float:
    """Milliseconds of CPU that a start takes, once the worker has begun."""

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for _ in range(starts + 1):
            yield start_of(workflow_type)

    began = 0.0
    async with replayer.workflow_replay_iterator(histories()) as results:
        async for result in results:
            if result.replay_failure:
                raise result.replay_failure
            began = began or time.process_time()
    return 1000 * (time.process_time() - began) / starts


def bare(workflow: type, **options: Any) -> Replayer:
    return Replayer(workflows=[workflow], **options)


def production(workflow: type) -> Replayer:
    return Replayer(
        workflows=[workflow],
        data_converter=create_converter(),
        **workflow_options(WorkerSettings()),
    )


def workflows() -> Subjects:
    """Workflows as the template has them, and the least that there is."""
    return {
        "minimal": (lambda: bare(SampleWorkflow), "Bench"),
        "the same as the template writes it": (lambda: production(ProductionWorkflow), "Bench"),
        "`order` of the recipe `saga`": (
            lambda: production(order_workflow.OrderWorkflow),
            "OrderWorkflow",
        ),
    }


def imports(kind: str) -> Subjects:
    """A workflow that imports a module of that kind."""
    not_passed = workflow_module(kind, passed_through=False).GeneratedWorkflow
    passed = workflow_module(kind, passed_through=True).GeneratedWorkflow
    return {
        "not passed": (lambda: bare(not_passed), "Bench"),
        "passed": (lambda: bare(passed), "Bench"),
        "unsandboxed": (
            lambda: bare(passed, workflow_runner=UnsandboxedWorkflowRunner()),
            "Bench",
        ),
    }


async def side_by_side(subjects: Subjects, rounds: int, starts: int) -> dict[str, list[float]]:
    """The cost of each, round by round."""
    costs: dict[str, list[float]] = {name: [] for name in subjects}
    for turn in range(rounds):
        for name in list(subjects)[:: -1 if turn % 2 else 1]:
            create, workflow_type = subjects[name]
            costs[name].append(await cost(create(), workflow_type, starts))
    print({name: [round(each, 1) for each in values] for name, values in costs.items()}, flush=True)
    return costs


async def constructions(rounds: int) -> dict[str, list[float]]:
    """How long `Worker(...)` takes, each time in a process that has made none."""
    times: dict[str, list[float]] = {"explicit": [], "default": []}
    async with server():
        for _ in range(rounds):
            for kind, found in times.items():
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "dev.bench.construct", kind),
                    stdout=asyncio.subprocess.PIPE,
                )
                said, _ = await process.communicate()
                found.append(float(said))
    print(times, flush=True)
    return times


async def main(file: str, rounds: int, starts: int) -> int:
    found = {
        "workflows": await side_by_side(workflows(), rounds, starts),
        "imports": {kind: await side_by_side(imports(kind), rounds, starts) for kind in IMPORTED},
        "construction": await constructions(rounds),
    }
    Path(file).write_text(json.dumps(found), "utf-8")
    return 0


if __name__ == "__main__":
    run_process(main(sys.argv[1], *map(int, sys.argv[2:])))
