"""A signal to another workflow."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketRef,
        TicketResult,
    )


@workflow.defn
class ExternalSignalWorkflow:
    """A signal to another workflow."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        other = workflow.get_external_workflow_handle(f"session-{ticket.ticket_id}")
        await other.signal("add", TicketRef(ticket_id=ticket.ticket_id))
        return TicketResult(ticket_id=ticket.ticket_id)
