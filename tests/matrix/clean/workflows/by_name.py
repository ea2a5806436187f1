"""An activity of another program, by a method that only names its types."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.activities.archive_activities import (
        ArchiveActivities,
    )
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketRef,
        TicketResult,
    )


@workflow.defn
class ByNameWorkflow:
    """An activity of another program, by a method that only names its types."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        await workflow.execute_activity_method(
            ArchiveActivities.archive_ticket,
            TicketRef(ticket_id=ticket.ticket_id),
            task_queue="archive",
            start_to_close_timeout=timedelta(minutes=5),
            retry_policy=RetryPolicy(maximum_attempts=3),
        )
        return TicketResult(ticket_id=ticket.ticket_id)
