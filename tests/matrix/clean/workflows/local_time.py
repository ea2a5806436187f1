"""The time of a zone that is named, and dates in numbers."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketResult,
    )

EVENING = 18


@workflow.defn
class LocalTimeWorkflow:
    """The time of a zone that is named, and dates in numbers."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        local = ticket.local(workflow.now())
        workflow.logger.info("It is %s on %s", f"{local:%H:%M}", local.strftime("%Y-%m-%d"))
        if local.hour >= EVENING:
            await workflow.sleep(timedelta(hours=12))
        return TicketResult(ticket_id=ticket.ticket_id)
