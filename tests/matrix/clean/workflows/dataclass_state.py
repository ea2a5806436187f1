"""Ids and counters in a dataclass."""

from dataclasses import dataclass

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


@dataclass
class State:
    """Little enough."""

    told: int = 0
    last: str = ""


@workflow.defn
class DataclassStateWorkflow:
    """Ids and counters in a dataclass."""

    def __init__(self) -> None:
        self._state = State()

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        for watcher in ticket.watchers:
            self._state.told += 1
            self._state.last = watcher
        await workflow.execute_activity_method(
            TicketActivities.close_ticket, TicketRef(ticket_id=ticket.ticket_id), **policies.STEP
        )
        return TicketResult(ticket_id=ticket.ticket_id)
