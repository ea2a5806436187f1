"""For ever, in runs of bounded length."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.activities.ticket_activities import (
        TicketActivities,
    )
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketRef,
        TicketResult,
    )
    from my_temporal_service.workflows import policies
LIMIT = 1_000


@workflow.defn
class ForeverWorkflow:
    """For ever, in runs of bounded length."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        while True:
            await workflow.sleep(timedelta(hours=1))
            await workflow.execute_activity_method(
                TicketActivities.close_ticket,
                TicketRef(ticket_id=ticket.ticket_id),
                **policies.STEP,
            )
            if workflow.info().get_current_history_length() > LIMIT:
                workflow.continue_as_new(ticket)
