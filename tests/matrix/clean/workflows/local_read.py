"""A local activity that only reads."""

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


@workflow.defn
class LocalReadWorkflow:
    """A local activity that only reads."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        answer = await workflow.execute_local_activity_method(
            TicketActivities.find_answer,
            TicketRef(ticket_id=ticket.ticket_id),
            start_to_close_timeout=timedelta(seconds=1),
            retry_policy=RetryPolicy(maximum_attempts=3),
        )
        return TicketResult(ticket_id=ticket.ticket_id, answers=0 if answer is None else 1)
