"""Blocks of options, varied in each of the ways."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.activities.ticket_activities import (
        TicketActivities,
    )
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketRef,
        TicketResult,
    )
    from my_temporal_service.workflows import policies

BEAT = timedelta(seconds=10)
BEATING = workflow.ActivityConfig(heartbeat_timeout=BEAT)
SLOW: workflow.ActivityConfig = policies.STEP | BEATING


@workflow.defn
class VariedOptionsWorkflow:
    """Blocks of options, varied in each of the ways."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        ref = TicketRef(ticket_id=ticket.ticket_id)
        named = policies.STEP | {"summary": f"Ticket {ticket.ticket_id}"}
        await workflow.execute_activity_method(TicketActivities.close_ticket, ref, **named)
        await workflow.execute_activity_method(
            TicketActivities.close_ticket, ref, **(policies.STEP | {"summary": "again"})
        )
        await workflow.execute_activity_method(
            TicketActivities.close_ticket,
            ref,
            **(policies.STEP | workflow.ActivityConfig(heartbeat_timeout=BEAT)),
        )
        await workflow.execute_activity_method(TicketActivities.close_ticket, ref, **SLOW)
        return TicketResult(ticket_id=ticket.ticket_id)
