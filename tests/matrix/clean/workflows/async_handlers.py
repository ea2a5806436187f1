"""Handlers that await, drained at the end."""

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
class AsyncHandlersWorkflow:
    """Handlers that await, drained at the end."""

    def __init__(self) -> None:
        self._answers = 0

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        await workflow.wait_condition(lambda: self._answers >= ticket.rounds)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return TicketResult(ticket_id=ticket.ticket_id, answers=self._answers)

    @workflow.update
    async def add(self, answer: Answer) -> TicketResult:
        """Store an answer."""
        ref = TicketRef(ticket_id=answer.answer_id)
        await workflow.execute_activity_method(TicketActivities.close_ticket, ref, **policies.STEP)
        self._answers += 1
        return TicketResult(ticket_id=ref.ticket_id, answers=self._answers)
