"""Workflows of the samples, which are started, played and awaited whatever happens meanwhile."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel
from temporalio import exceptions
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import (
    Client,
    RPCTimeoutOrCancelledError,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from dev.domains import Domain

Answer = TypeVar("Answer")

# What a server that is away, or just back, answers with.
PASSING = {
    RPCStatusCode.ABORTED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.INTERNAL,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.UNKNOWN,
}
FAILURES = (exceptions.ActivityError, exceptions.ApplicationError, exceptions.CancelledError)
MESSAGE_SECONDS = 5  # that the answer to a last message may take, once its workflow has ended


class Sample(NamedTuple):
    """A sample of a domain, by its name."""

    domain: Domain
    name: str

    def __str__(self) -> str:
        return f"{self.domain.name}/{self.name}"


class Ended(NamedTuple):
    """How a workflow ended."""

    sample: Sample
    workflow_id: str
    outcome: str
    seconds: float
    late: bool
    """Whether a message came too late for it, which may be what a failure does."""

    withdrawn: bool
    """Whether it was cancelled in the middle, beyond what its sample does."""


class Performance:
    """A workflow of a sample that runs; it gets the messages of its sample."""

    def __init__(
        self, client: Client, sample: Sample, model: BaseModel, handle: WorkflowHandle[Any, Any]
    ) -> None:
        self.sample = sample
        self.handle = handle
        self._client = client
        self._began = time.monotonic()
        self._playing = asyncio.create_task(self._play(model))
        self._withdrawn = False

    @classmethod
    async def begin(cls, client: Client, sample: Sample, key: str) -> "Performance":
        """Start the workflow, which nobody has started before."""
        model = sample.domain.samples(key)[sample.name]
        try:
            handle = await persistently(lambda: sample.domain.start(client, model))
        except exceptions.WorkflowAlreadyStartedError as error:  # the answer to the start was lost
            handle = client.get_workflow_handle(error.workflow_id)
        return cls(client, sample, model, handle)

    async def end(self) -> Ended:
        """Wait until the workflow has ended."""
        outcome = await self._outcome()
        seconds = time.monotonic() - self._began
        await asyncio.wait({self._playing}, timeout=MESSAGE_SECONDS)
        late = not self._playing.done() or not self._playing.result()
        self._playing.cancel()
        return Ended(self.sample, self.handle.id, outcome, seconds, late, self._withdrawn)

    async def withdraw(self, events: int) -> None:
        """Cancel the workflow as soon as its history is that long."""
        self._withdrawn = True
        while (now := await persistently(self.handle.describe)).history_length < events:
            if now.status != WorkflowExecutionStatus.RUNNING:
                return
            await asyncio.sleep(0.2)
        with suppress(RPCError):  # it has ended
            await persistently(self.handle.cancel)

    async def holder(self) -> int | None:
        """The process that runs an activity of the workflow; None if the workflow ends first."""
        while True:
            now = await persistently(self.handle.describe)
            for activity in now.raw_description.pending_activities:
                if activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED:
                    return int(activity.last_worker_identity.partition("@")[0])
            if now.status != WorkflowExecutionStatus.RUNNING:
                return None
            await asyncio.sleep(0.05)

    async def _outcome(self) -> str:
        try:
            await persistently(self.handle.result)
        except WorkflowFailureError as error:
            # A step that fails while its workflow is cancelled decides which of both it is.
            failed = isinstance(error.cause, FAILURES)
            return "failed" if failed else type(error.cause).__name__
        return "completed"

    async def _play(self, model: BaseModel) -> bool:
        """Send the messages, again if that was interrupted; false if one came too late."""
        domain = self.sample.domain
        while True:
            try:
                await persistently(lambda: domain.play(self._client, self.sample.name, model))
            except WorkflowUpdateFailedError:
                return False
            except RPCError:  # it has ended, or a server that was restarted has lost the message
                now = await persistently(self.handle.describe)
                if now.status != WorkflowExecutionStatus.RUNNING:
                    return False
                await asyncio.sleep(0.2)
            else:
                return True


async def persistently(call: Callable[[], Awaitable[Answer]]) -> Answer:
    """Call until the server answers."""
    while True:
        try:
            return await call()
        except RPCTimeoutOrCancelledError:
            pass
        except RPCError as error:
            # For a moment, a server that was restarted does not know its namespace.
            if error.status not in PASSING and "Namespace" not in error.message:
                raise
        await asyncio.sleep(0.2)
