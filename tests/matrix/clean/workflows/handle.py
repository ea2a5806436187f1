"""A step that is started, and cancelled if it takes too long."""

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


@workflow.defn
class HandleWorkflow:
    """A step that is started, and cancelled if it takes too long."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        step = workflow.start_activity_method(
            TicketActivities.await_answer, TicketRef(ticket_id=ticket.ticket_id), **policies.STEP
        )
        done, _ = await workflow.wait([step], timeout=60)
        if not done:
            step.cancel()
        return TicketResult(ticket_id=ticket.ticket_id)
