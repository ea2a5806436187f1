"""An update with its validator."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.activities.ticket_activities import (
        TicketActivities,
    )
    from my_temporal_service.models.ticket_models import (
        Answer,
        TicketInput,
        TicketRef,
        TicketResult,
        TicketStatus,
    )
    from my_temporal_service.workflows import policies


@workflow.defn
class UpdateWorkflow:
    """An update with its validator."""

    def __init__(self) -> None:
        self._status = TicketStatus.OPEN

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        await workflow.wait_condition(lambda: self._status is TicketStatus.CLOSED)
        await workflow.execute_activity_method(
            TicketActivities.close_ticket, TicketRef(ticket_id=ticket.ticket_id), **policies.STEP
        )
        return TicketResult(ticket_id=ticket.ticket_id)

    @workflow.update
    def close(self, answer: Answer) -> TicketStatus:
        """Close the ticket."""
        workflow.logger.info("Closed by %s", answer.answer_id)
        self._status = TicketStatus.CLOSED
        return self._status

    @close.validator
    def _check_close(self, answer: Answer) -> None:
        if not answer.text:
            raise ApplicationError("Say why", type="NoReason")
