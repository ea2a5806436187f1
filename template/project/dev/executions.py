"""What a namespace holds of our workflows: found and fetched, newest first, by reading only."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from temporalio.client import Client, WorkflowExecution, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from dev.domains import domain_names, workflows_of
from dev.layout import task_queue

FETCHED_AHEAD = 8  # histories, each of which may take 50 MB
RPC_TIMEOUT = timedelta(seconds=30)

OPEN = "ExecutionStatus = 'Running'"
CLOSED = "ExecutionStatus != 'Running'"

# What is pinned stays with its version, and is none of the business of another.
PINNED = "TemporalWorkflowVersioningBehavior = 'Pinned'"
# Without Worker Versioning there is no behaviour, and what is not there is not unequal either.
NOT_PINNED = (
    "(TemporalWorkflowVersioningBehavior IS NULL OR TemporalWorkflowVersioningBehavior != 'Pinned')"
)


class Kind(NamedTuple):
    """A workflow of a domain, by its type, on the task queue of the domain."""

    domain: str
    name: str
    workflow: type
    queue: str

    def __str__(self) -> str:
        return f"{self.name} on the task queue {self.queue}"

    @property
    def query(self) -> str:
        """Finds its executions; others may have a type of that name on a queue of their own."""
        return f"WorkflowType = '{self.name}' AND TaskQueue = '{self.queue}'"


def all_kinds() -> list[Kind]:
    """The workflows of all domains."""
    return [
        Kind(domain, name, workflow, task_queue(domain))
        for domain in domain_names()
        for name, workflow in sorted(workflows_of(domain).items())
    ]


async def newest(client: Client, query: str, limit: int) -> list[WorkflowExecution]:
    """The newest executions that the next version of the code may get."""
    found = client.list_workflows(
        f"{query} AND {NOT_PINNED}", limit=limit, page_size=min(limit, 100), rpc_timeout=RPC_TIMEOUT
    )
    return [execution async for execution in found]


async def open_and_closed(
    client: Client, kind: Kind, limit: int, since: datetime | None
) -> list[WorkflowExecution]:
    """The newest open executions, and the newest closed ones that started since then."""
    started = f" AND StartTime >= '{since.isoformat()}'" if since else ""
    return [
        *await newest(client, f"{kind.query} AND {OPEN}", limit),
        *await newest(client, f"{kind.query} AND {CLOSED}{started}", limit),
    ]


async def count_pinned(client: Client, kind: Kind) -> int:
    """How many stay with their version."""
    query = f"{kind.query} AND {PINNED}"
    return (await client.count_workflows(query, rpc_timeout=RPC_TIMEOUT)).count


async def strangers(client: Client, kinds: Iterable[Kind]) -> AsyncIterator[WorkflowExecution]:
    """Of each type that none of our workers knows, the newest workflow that runs on one of our queues."""
    known: dict[str, set[str]] = {}
    for kind in kinds:
        known.setdefault(kind.queue, set()).add(kind.name)
    for queue, names in known.items():
        while True:
            listed = ", ".join(f"'{name}'" for name in sorted(names))
            query = f"TaskQueue = '{queue}' AND {OPEN} AND WorkflowType NOT IN ({listed})"
            found = await newest(client, query, 1)
            if not found:
                break
            names.add(found[0].workflow_type)
            yield found[0]


async def fetch(client: Client, execution: WorkflowExecution) -> WorkflowHistory | None:
    """The history of one run; None if it is gone since it was listed."""
    handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
    try:
        return await handle.fetch_history(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise


async def fetch_all(
    client: Client, executions: Iterable[WorkflowExecution]
) -> AsyncIterator[tuple[WorkflowExecution, WorkflowHistory]]:
    """The histories that there still are, in the same order; some are fetched ahead."""
    left = iter(executions)
    ahead: deque[tuple[WorkflowExecution, asyncio.Task[WorkflowHistory | None]]] = deque()
    try:
        while True:
            while len(ahead) < FETCHED_AHEAD and (execution := next(left, None)):
                ahead.append((execution, asyncio.create_task(fetch(client, execution))))
            if not ahead:
                break
            execution, fetching = ahead.popleft()
            if history := await fetching:
                yield execution, history
    finally:
        for _, fetching in ahead:
            fetching.cancel()
