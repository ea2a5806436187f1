"""A list of ids is no data."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.activities.ticket_activities import (
        TicketActivities,
    )
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketRef,
        TicketResult,
    )

STEP = workflow.ActivityConfig(
    start_to_close_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(maximum_attempts=5),
)


@workflow.defn
class IdsAsStateWorkflow:
    """A list of ids is no data."""

    def __init__(self) -> None:
        self._open: list[str] = []

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        self._open = list(ticket.watchers)
        while self._open:
            ref = TicketRef(ticket_id=self._open.pop())
            await workflow.execute_activity_method(TicketActivities.close_ticket, ref, **STEP)
        return TicketResult(ticket_id=ticket.ticket_id)
