"""An error of its own, and one that goes no further."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketResult,
    )

LIMIT = 5


class UnwatchedError(ApplicationError):
    """Nobody watches a ticket."""


class NotYetError(Exception):
    """It is worth waiting."""


@workflow.defn
class OwnErrorsWorkflow:
    """An error of its own, and one that goes no further."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        try:
            self._check(ticket)
        except NotYetError:
            await workflow.sleep(60)
        if not ticket.watchers:
            raise UnwatchedError("Nobody watches")
        return TicketResult(ticket_id=ticket.ticket_id)

    def _check(self, ticket: TicketInput) -> None:
        if ticket.rounds > LIMIT:
            raise NotYetError
