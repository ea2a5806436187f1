"""Counters and durations."""

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
class CountdownWorkflow:
    """Counters and durations."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        left = ticket.rounds
        pause = timedelta(seconds=1)
        while left > 0:
            left -= 1
            pause = min(pause + pause, timedelta(minutes=1))
            await workflow.sleep(pause)
        await workflow.execute_activity_method(
            TicketActivities.close_ticket, TicketRef(ticket_id=ticket.ticket_id), **policies.STEP
        )
        return TicketResult(ticket_id=ticket.ticket_id)
