"""A set that is only asked."""

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
        TicketStatus,
    )

STEP = workflow.ActivityConfig(
    start_to_close_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(maximum_attempts=5),
)

FINAL = frozenset({TicketStatus.CLOSED})


@workflow.defn
class MembershipWorkflow:
    """A set that is only asked."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        known = {"ada", "bob"}
        if ticket.ticket_id in known and TicketStatus.CLOSED not in FINAL:
            await workflow.execute_activity_method(
                TicketActivities.close_ticket, TicketRef(ticket_id=ticket.ticket_id), **STEP
            )
        return TicketResult(ticket_id=ticket.ticket_id)
