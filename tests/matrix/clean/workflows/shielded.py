"""A step that a cancellation does not stop."""

import asyncio
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
class ShieldedWorkflow:
    """A step that a cancellation does not stop."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        try:
            await workflow.sleep(timedelta(days=1))
        except asyncio.CancelledError:
            await asyncio.shield(self._close(ticket))
            raise
        return TicketResult(ticket_id=ticket.ticket_id)

    async def _close(self, ticket: TicketInput) -> None:
        await workflow.execute_activity_method(
            TicketActivities.close_ticket, TicketRef(ticket_id=ticket.ticket_id), **policies.STEP
        )
