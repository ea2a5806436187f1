"""Steps with a number."""

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
class EnumeratedWorkflow:
    """Steps with a number."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        for number, watcher in enumerate(ticket.watchers, start=1):
            workflow.logger.info("%d of %d", number, len(ticket.watchers))
            ref = TicketRef(ticket_id=watcher)
            await workflow.execute_activity_method(
                TicketActivities.close_ticket, ref, **policies.STEP
            )
        return TicketResult(ticket_id=ticket.ticket_id)
