"""Constant tables of the module."""

from collections.abc import Mapping

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.activities.ticket_activities import (
        TicketActivities,
    )
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketRef,
        TicketResult,
        TicketStatus,
    )
    from my_temporal_service.workflows import policies

ORDER = (TicketStatus.OPEN, TicketStatus.WAITING, TicketStatus.CLOSED)
LABELS: Mapping[TicketStatus, str] = {TicketStatus.OPEN: "Open", TicketStatus.CLOSED: "Closed"}


@workflow.defn
class ConstantsWorkflow:
    """Constant tables of the module."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        workflow.logger.info("%s: %s", ticket.ticket_id, LABELS[TicketStatus.OPEN])
        for status in ORDER:
            workflow.logger.debug("Next: %s", status)
        await workflow.execute_activity_method(
            TicketActivities.close_ticket, TicketRef(ticket_id=ticket.ticket_id), **policies.STEP
        )
        return TicketResult(ticket_id=ticket.ticket_id)
