"""A set in a fixed order."""

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
class SortedSetWorkflow:
    """A set in a fixed order."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        for watcher in sorted(set(ticket.watchers)):
            ref = TicketRef(ticket_id=watcher)
            await workflow.execute_activity_method(
                TicketActivities.close_ticket, ref, **policies.STEP
            )
        return TicketResult(ticket_id=ticket.ticket_id)
