"""A few ids that are remembered, so that nothing is done twice."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.activities.ticket_activities import (
        TicketActivities,
    )
    from my_temporal_service.models.ticket_models import (
        Answer,
        TicketInput,
        TicketRef,
        TicketResult,
    )
    from my_temporal_service.workflows import policies


@workflow.defn
class SeenIdsWorkflow:
    """A few ids that are remembered, so that nothing is done twice."""

    def __init__(self) -> None:
        self._seen: list[str] = []

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        await workflow.wait_condition(lambda: len(self._seen) >= ticket.rounds)
        await workflow.execute_activity_method(
            TicketActivities.close_ticket, TicketRef(ticket_id=ticket.ticket_id), **policies.STEP
        )
        return TicketResult(ticket_id=ticket.ticket_id)

    @workflow.signal
    def add(self, answer: Answer) -> None:
        """Take an answer once."""
        if answer.answer_id not in self._seen:
            self._seen = [*self._seen[-15:], answer.answer_id]
