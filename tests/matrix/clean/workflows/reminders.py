"""So many reminders, then it gives up."""

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
class RemindersWorkflow:
    """So many reminders, then it gives up."""

    def __init__(self) -> None:
        self._answered = False

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        reminders = 0
        while not self._answered:
            try:
                await workflow.wait_condition(lambda: self._answered, timeout=timedelta(hours=1))
            except TimeoutError:
                reminders += 1
                if reminders > ticket.rounds:
                    break
                await workflow.execute_activity_method(
                    TicketActivities.write_answer,
                    TicketRef(ticket_id=ticket.ticket_id),
                    **policies.STEP,
                )
        return TicketResult(ticket_id=ticket.ticket_id)

    @workflow.signal
    def answer(self, answer: Answer) -> None:
        """Take the answer."""
        self._answered = bool(answer.text)
