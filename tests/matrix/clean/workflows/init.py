"""State from the input."""

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
class InitWorkflow:
    """State from the input."""

    @workflow.init
    def __init__(self, ticket: TicketInput) -> None:
        self._watchers = len(ticket.watchers)
        self._owner: str | None = ticket.watchers[0] if ticket.watchers else None

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        await workflow.execute_activity_method(
            TicketActivities.close_ticket, TicketRef(ticket_id=ticket.ticket_id), **policies.STEP
        )
        return TicketResult(ticket_id=ticket.ticket_id, answers=self._watchers)
