"""So many pages at a time; a message tells that one is done."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.models.ticket_models import (
        Answer,
        TicketInput,
        TicketResult,
    )


@workflow.defn
class SlidingWindowWorkflow:
    """So many pages at a time; a message tells that one is done."""

    def __init__(self) -> None:
        self._running: set[str] = set()

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        for watcher in ticket.watchers:
            await workflow.wait_condition(lambda: len(self._running) < ticket.rounds)
            self._running.add(watcher)
        await workflow.wait_condition(lambda: not self._running)
        return TicketResult(ticket_id=ticket.ticket_id)

    @workflow.signal
    def done(self, answer: Answer) -> None:
        """One is done."""
        self._running.discard(answer.answer_id)
