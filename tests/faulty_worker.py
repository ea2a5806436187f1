"""Run inside a project: a worker whose workflows do what each alert is about.

Its task queue is `faulty`; `watched_workers.py` starts it, with settings that leave little room.
"""

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    import time

    import httpx
    from my_temporal_service.gateways.http_service import HttpService
    from my_temporal_service.models.base import Model
    from my_temporal_service.runtime.lifecycle import run_worker
    from my_temporal_service.runtime.options import worker_options
    from my_temporal_service.runtime.settings import WorkerSettings
    from temporalio.api.common.v1 import Payload
    from temporalio.common import RawValue

QUEUE = "faulty"
LIMIT = timedelta(seconds=60)


class Text(Model):
    """What everything here takes and gives."""

    text: str = ""
    count: int = 0


@activity.defn
def hang(text: Text) -> Text:
    """Occupies a slot for longer than an attempt should take."""
    time.sleep(11)
    return text


@activity.defn
def read(text: Text) -> Text:
    return text


class Calls:
    """Activities that call a service which is not there."""

    def __init__(self, http: httpx.Client) -> None:
        """Use a client whose service is gone."""
        self._service = HttpService(http, "faults")

    @activity.defn
    def call(self, text: Text) -> Text:
        """Try."""
        return self._service.create(text, "key", Text)


@workflow.defn
class BusyWorkflow:
    """One activity of a name."""

    @workflow.run
    async def run(self, text: Text) -> Text:
        """Do it."""
        return await workflow.execute_activity(
            text.text, text, start_to_close_timeout=LIMIT, result_type=Text
        )


@workflow.defn
class GrowingWorkflow:
    """A task for each signal; continues as new after each of the first `count` signals only."""

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self.heard = 0

    @workflow.run
    async def run(self, text: Text) -> Text:
        """Do it."""
        await workflow.wait_condition(lambda: self.heard > 0)
        if text.count:
            workflow.continue_as_new(Text(count=text.count - 1))
        await workflow.wait_condition(lambda: False)
        return text

    @workflow.signal
    def hear(self) -> None:
        """Count."""
        self.heard += 1


@workflow.defn
class BrokenWorkflow:
    """Raises what is no failure of a workflow."""

    @workflow.run
    async def run(self, text: Text) -> Text:
        """Do it."""
        raise ValueError(text.text)


@workflow.defn
class LargeWorkflow:
    """Wants to write a value that the server does not take."""

    @workflow.run
    async def run(self, text: Text) -> RawValue:
        """Do it."""
        return RawValue(Payload(metadata={"encoding": b"binary/plain"}, data=bytes(2_200_000)))


@workflow.defn
class ManyWorkflow:
    """Wants to send more at once than fits into a message."""

    @workflow.run
    async def run(self, text: Text) -> Text:
        """Do it."""
        large = Text(text="x" * 250_000)
        await asyncio.gather(
            *(
                workflow.execute_activity(read, large, start_to_close_timeout=LIMIT)
                for _ in range(20)
            )
        )
        return text


WORKFLOWS = [BusyWorkflow, GrowingWorkflow, BrokenWorkflow, LargeWorkflow, ManyWorkflow]


def create_worker(client: Client, settings: WorkerSettings, http: httpx.Client) -> Worker:
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=WORKFLOWS,
        activities=[hang, read, Calls(http).call],
        **worker_options(settings),
    )


if __name__ == "__main__":
    run_worker(create_worker)
