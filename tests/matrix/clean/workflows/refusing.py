"""An update that does something, as long as its validator lets it."""

from datetime import timedelta

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
class RefusingWorkflow:
    """An update that does something, as long as its validator lets it."""

    def __init__(self) -> None:
        self._answer: Answer | None = None

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        await workflow.wait_condition(lambda: self._answer is not None, timeout=timedelta(days=14))
        await workflow.wait_condition(workflow.all_handlers_finished)
        return TicketResult(ticket_id=ticket.ticket_id)

    @workflow.update
    async def answer(self, ref: TicketRef) -> Answer:
        """Write it once."""
        self._answer = await workflow.execute_activity_method(
            TicketActivities.write_answer, ref, **policies.STEP
        )
        return self._answer

    @answer.validator
    def _check_answer(self, ref: TicketRef) -> None:
        if self._answer:
            raise ValueError(f"{ref.ticket_id} is answered")
