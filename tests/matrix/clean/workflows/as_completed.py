"""Answers as they come."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.activities.ticket_activities import (
        TicketActivities,
    )
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketRef,
        TicketResult,
    )

STEP = workflow.ActivityConfig(
    start_to_close_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(maximum_attempts=5),
)


@workflow.defn
class AsCompletedWorkflow:
    """Answers as they come."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        answers = 0
        steps = [
            workflow.start_activity_method(
                TicketActivities.write_answer, TicketRef(ticket_id=watcher), **STEP
            )
            for watcher in ticket.watchers
        ]
        for step in workflow.as_completed(steps):
            await step
            answers += 1
        return TicketResult(ticket_id=ticket.ticket_id, answers=answers)
