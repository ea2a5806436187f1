"""Comprehensions over the input."""

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
class ComprehensionWorkflow:
    """Comprehensions over the input."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        names = [watcher.strip().lower() for watcher in ticket.watchers if watcher]
        first = {name[0]: name for name in names}
        for name in first.values():
            ref = TicketRef(ticket_id=name)
            await workflow.execute_activity_method(
                TicketActivities.close_ticket, ref, **policies.STEP
            )
        return TicketResult(ticket_id=ticket.ticket_id)
