"""So many activities at a time, and not more."""

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
class SemaphoreWorkflow:
    """So many activities at a time, and not more."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(3)

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        async with asyncio.TaskGroup() as group:
            for watcher in ticket.watchers:
                group.create_task(self._answer(TicketRef(ticket_id=watcher)))
        return TicketResult(ticket_id=ticket.ticket_id)

    async def _answer(self, ref: TicketRef) -> None:
        async with self._slots:
            await workflow.execute_activity_method(
                TicketActivities.write_answer, ref, **policies.STEP
            )
