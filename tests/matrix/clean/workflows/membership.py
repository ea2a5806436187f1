"""A set that is only asked."""

from temporalio import workflow

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
    from my_temporal_service.workflows import policies

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
                TicketActivities.close_ticket,
                TicketRef(ticket_id=ticket.ticket_id),
                **policies.STEP,
            )
        return TicketResult(ticket_id=ticket.ticket_id)
