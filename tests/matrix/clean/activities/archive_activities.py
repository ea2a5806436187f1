"""What another program does, written in another language; here are only the types."""

from temporalio import activity

from my_temporal_service.models.ticket_models import (
    TicketRef,
)


class ArchiveActivities:
    """Run by the program behind the task queue `archive`."""

    @activity.defn
    def archive_ticket(self, ticket: TicketRef) -> None:
        """Put it away."""
