"""A query that calls a helper which only reads."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.activities.ticket_activities import (
        TicketActivities,
    )
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketRef,
        TicketResult,
        TicketStatus,
    )
    from my_temporal_service.workflows import policies


@workflow.defn
class QueryWithHelperWorkflow:
    """A query that calls a helper which only reads."""

    def __init__(self) -> None:
        self._done = 0

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        for _ in range(ticket.rounds):
            self._done += 1
            await workflow.execute_activity_method(
                TicketActivities.close_ticket,
                TicketRef(ticket_id=ticket.ticket_id),
                **policies.STEP,
            )
        return TicketResult(ticket_id=ticket.ticket_id)

    @workflow.query
    def status(self) -> TicketStatus:
        """How far it is."""
        finished = self._is_finished()
        return TicketStatus.CLOSED if finished else TicketStatus.OPEN

    def _is_finished(self) -> bool:
        limit = 3
        return self._done >= limit
