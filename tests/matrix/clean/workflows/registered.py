"""A handler that is registered by a call."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.models.ticket_models import (
        Answer,
        TicketInput,
        TicketResult,
    )


@workflow.defn
class RegisteredWorkflow:
    """A handler that is registered by a call."""

    @workflow.init
    def __init__(self, ticket: TicketInput) -> None:
        self._left = ticket.rounds
        workflow.set_signal_handler("answer", self._count)

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        await workflow.wait_condition(lambda: self._left <= 0)
        return TicketResult(ticket_id=ticket.ticket_id)

    def _count(self, answer: Answer) -> None:
        workflow.logger.info("Got %s", answer.answer_id)
        self._left -= 1
