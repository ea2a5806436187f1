"""What sends mail."""

from typing import Protocol

from my_temporal_service.models.ticket_models import (
    Answer,
    TicketRef,
)


class MailGateway(Protocol):
    """Sends mail, and knows what it sent."""

    def send(self, ticket: TicketRef, idempotency_key: str) -> Answer:
        """Send it; the same key sends once."""

    def find_answer(self, ticket: TicketRef) -> Answer:
        """The answer to a mail; raises LookupError if there is none."""
