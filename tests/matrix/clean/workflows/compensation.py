"""A failure that is compensated for."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

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
class CompensationWorkflow:
    """A failure that is compensated for."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        try:
            await workflow.execute_activity_method(TicketActivities.validate_ticket, ticket, **STEP)
        except ActivityError as error:
            workflow.logger.warning("Ticket %s: %s", ticket.ticket_id, error.cause)
            await workflow.execute_activity_method(
                TicketActivities.close_ticket, TicketRef(ticket_id=ticket.ticket_id), **STEP
            )
            raise
        return TicketResult(ticket_id=ticket.ticket_id)
