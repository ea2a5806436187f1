"""A list that each round empties."""

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
class DrainedListWorkflow:
    """A list that each round empties."""

    def __init__(self) -> None:
        self._answers: list[Answer] = []
        self._closed = False

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        while True:
            await workflow.wait_condition(lambda: bool(self._answers) or self._closed)
            batch, self._answers = self._answers, []
            for answer in batch:
                workflow.logger.info("Got %s", answer.answer_id)
            if self._closed:
                break
            if workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(ticket)
        await workflow.execute_activity_method(
            TicketActivities.close_ticket, TicketRef(ticket_id=ticket.ticket_id), **policies.STEP
        )
        return TicketResult(ticket_id=ticket.ticket_id)

    @workflow.signal
    def add(self, answer: Answer) -> None:
        """Take an answer."""
        self._answers.append(answer)

    @workflow.signal
    def close(self) -> None:
        """No more answers."""
        self._closed = True
