"""Handlers one after the other."""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.activities.ticket_activities import (
        TicketActivities,
    )
    from my_temporal_service.models.ticket_models import (
        Answer,
        TicketInput,
        TicketRef,
        TicketResult,
    )
    from my_temporal_service.workflows import policies


@workflow.defn
class LockedWorkflow:
    """Handlers one after the other."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._count = 0

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        await workflow.wait_condition(lambda: self._count >= ticket.rounds)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return TicketResult(ticket_id=ticket.ticket_id)

    @workflow.signal
    async def add(self, answer: Answer) -> None:
        """Store an answer."""
        async with self._lock:
            ref = TicketRef(ticket_id=answer.answer_id)
            await workflow.execute_activity_method(
                TicketActivities.close_ticket, ref, **policies.STEP
            )
            self._count += 1
