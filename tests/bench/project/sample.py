"""A workflow in the shape of the SDK's official samples: all in one module, with dataclasses."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow


@dataclass
class Job:
    """What a workflow is to do: so many steps."""

    job_id: str
    steps: int


@dataclass
class Receipt:
    """What a step gave."""

    job_id: str
    number: int


@activity.defn
async def step(receipt: Receipt) -> Receipt:
    """Nothing, as a coroutine."""
    return receipt


@activity.defn(name="step")
def blocking_step(receipt: Receipt) -> Receipt:
    """The same in a thread."""
    return receipt


@workflow.defn(name="Bench")
class SampleWorkflow:
    """One step after another."""

    @workflow.run
    async def run(self, job: Job) -> Receipt:
        """Take them."""
        last = Receipt(job.job_id, 0)
        for number in range(job.steps):
            last = await workflow.execute_activity(
                step,
                Receipt(job.job_id, number),
                start_to_close_timeout=timedelta(seconds=30),
            )
        return last
