"""The workflow of `sample.py` as the template writes it."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from dev.bench.production_activities import Activities
    from dev.bench.production_models import Job, Receipt
    from my_temporal_service.workflows import policies


@workflow.defn(name="Bench")
class ProductionWorkflow:
    """One step after another."""

    @workflow.run
    async def run(self, job: Job) -> Receipt:
        """Take them."""
        last = Receipt(job_id=job.job_id, number=0)
        for number in range(job.steps):
            receipt = Receipt(job_id=job.job_id, number=number)
            last = await workflow.execute_activity_method(Activities.step, receipt, **policies.STEP)
        return last
