"""Other errors may fail it too, which it says itself."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketResult,
    )


@workflow.defn(failure_exception_types=[LookupError])
class FailureTypesWorkflow:
    """Other errors may fail it too, which it says itself."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        if not ticket.watchers:
            raise LookupError(ticket.ticket_id)
        return TicketResult(ticket_id=ticket.ticket_id)
