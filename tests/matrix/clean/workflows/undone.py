"""What to undo, in a list of functions."""

from collections.abc import Awaitable, Callable

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

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
class UndoneWorkflow:
    """What to undo, in a list of functions."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        ref = TicketRef(ticket_id=ticket.ticket_id)
        undo: list[Callable[[], Awaitable[object]]] = []
        try:
            undo.append(
                lambda: workflow.execute_activity_method(
                    TicketActivities.close_ticket, ref, **policies.COMPENSATION
                )
            )
            await workflow.execute_activity_method(
                TicketActivities.validate_ticket, ticket, **policies.STEP
            )
        except ActivityError as error:
            for compensate in reversed(undo):
                await compensate()
            if isinstance(error.cause, ApplicationError) and error.cause.type == "Unwatched":
                raise ApplicationError("Nobody watches", type="Refused") from error
            raise
        return TicketResult(ticket_id=ticket.ticket_id)
