"""Comprehensions over the input."""

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
class ComprehensionWorkflow:
    """Comprehensions over the input."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        names = [watcher.strip().lower() for watcher in ticket.watchers if watcher]
        first = {name[0]: name for name in names}
        for name in first.values():
            ref = TicketRef(ticket_id=name)
            await workflow.execute_activity_method(TicketActivities.close_ticket, ref, **STEP)
        return TicketResult(ticket_id=ticket.ticket_id)
