"""Options written at the call."""

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
class InlineOptionsWorkflow:
    """Options written at the call."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        await workflow.execute_activity_method(
            TicketActivities.close_ticket,
            TicketRef(ticket_id=ticket.ticket_id),
            schedule_to_close_timeout=timedelta(minutes=5),
            retry_policy=RetryPolicy(maximum_attempts=3),
        )
        return TicketResult(ticket_id=ticket.ticket_id)
