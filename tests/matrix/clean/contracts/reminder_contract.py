"""What another program offers: reminders."""

from abc import ABC, abstractmethod

from temporalio import workflow

from my_temporal_service.models.ticket_models import (
    TicketRef,
    TicketResult,
)


@workflow.defn(name="ReminderWorkflow")
class ReminderContract(ABC):
    """The workflow of another program as this one sees it."""

    @workflow.run
    @abstractmethod
    async def run(self, ticket: TicketRef) -> TicketResult:
        """Remind until there is an answer."""
