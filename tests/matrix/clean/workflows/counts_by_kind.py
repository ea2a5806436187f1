"""Counters by the members of an enumeration."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketResult,
        TicketStatus,
    )


@workflow.defn
class CountsByKindWorkflow:
    """Counters by the members of an enumeration."""

    def __init__(self) -> None:
        self._counts: dict[TicketStatus, int] = {}

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        for status in TicketStatus:
            self._counts[status] = self._counts.get(status, 0) + 1
        return TicketResult(ticket_id=ticket.ticket_id)
