"""A list of ids is no data."""

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
class IdsAsStateWorkflow:
    """A list of ids is no data."""

    def __init__(self) -> None:
        self._open: list[str] = []

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        self._open = list(ticket.watchers)
        while self._open:
            ref = TicketRef(ticket_id=self._open.pop())
            await workflow.execute_activity_method(
                TicketActivities.close_ticket, ref, **policies.STEP
            )
        return TicketResult(ticket_id=ticket.ticket_id)
