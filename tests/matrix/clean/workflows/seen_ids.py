"""A few ids that are remembered, so that nothing is done twice."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

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

STEP = workflow.ActivityConfig(
    start_to_close_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(maximum_attempts=5),
)


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
            TicketActivities.close_ticket, TicketRef(ticket_id=ticket.ticket_id), **STEP
        )
        return TicketResult(ticket_id=ticket.ticket_id)

    @workflow.signal
    def add(self, answer: Answer) -> None:
        """Take an answer once."""
        if answer.answer_id not in self._seen:
            self._seen = [*self._seen[-15:], answer.answer_id]
