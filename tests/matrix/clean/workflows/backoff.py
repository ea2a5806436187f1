"""Pauses that grow, and durations by any name."""

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


@workflow.defn
class BackoffWorkflow:
    """Pauses that grow, and durations by any name."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        delay = timedelta(seconds=1)
        for attempt in range(ticket.rounds):
            await workflow.sleep(delay)
            delay *= 2
            await workflow.sleep(ticket.patience / ticket.rounds)
            await workflow.sleep(timedelta(seconds=2**attempt))
        left = workflow.now() + ticket.patience * ticket.rounds - workflow.now()
        await workflow.sleep(left / 2)
        await workflow.execute_activity_method(
            TicketActivities.close_ticket, TicketRef(ticket_id=ticket.ticket_id), **policies.STEP
        )
        return TicketResult(ticket_id=ticket.ticket_id)
