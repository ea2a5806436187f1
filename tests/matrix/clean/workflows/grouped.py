"""Steps in a group, within a time."""

import asyncio

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
class GroupedWorkflow:
    """Steps in a group, within a time."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for watcher in ticket.watchers:
                group.create_task(self._tell(watcher))
        await asyncio.wait_for(self._tell(ticket.ticket_id), timeout=10)
        return TicketResult(ticket_id=ticket.ticket_id)

    async def _tell(self, watcher: str) -> None:
        ref = TicketRef(ticket_id=watcher)
        await workflow.execute_activity_method(TicketActivities.close_ticket, ref, **policies.STEP)
