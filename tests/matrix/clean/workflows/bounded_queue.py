"""A bounded queue that a long-lived workflow drains."""

from collections import deque

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
class BoundedQueueWorkflow:
    """A bounded queue that a long-lived workflow drains."""

    def __init__(self) -> None:
        self._pending: deque[Answer] = deque(maxlen=20)

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        for _ in range(100):
            await workflow.wait_condition(lambda: bool(self._pending))
            while self._pending:
                answer = self._pending.popleft()
                workflow.logger.info("Got %s", answer.answer_id)
        await workflow.execute_activity_method(
            TicketActivities.close_ticket, TicketRef(ticket_id=ticket.ticket_id), **policies.STEP
        )
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(ticket)

    @workflow.signal
    def add(self, answer: Answer) -> None:
        """Take an answer."""
        self._pending.append(answer)
