"""The services of a booking; they raise ServiceRefusedError or ServiceUnavailableError."""

from typing import Protocol

import httpx

from ticket_office.gateways.http_service import HttpService
from ticket_office.models.booking_models import (
    Confirmation,
    Reservation,
    Tickets,
)


class BookingService(Protocol):
    """Holds seats and sends tickets."""

    def reserve(self, reservation: Reservation, idempotency_key: str) -> Confirmation:
        """Hold the seats; the same key holds them once."""

    def send(self, tickets: Tickets, idempotency_key: str) -> Confirmation:
        """Send the tickets; the same key sends them once."""


class HttpBookings:
    """The services behind HTTP."""

    def __init__(self, http: httpx.Client) -> None:
        self._reservations = HttpService(http, "reservations")
        self._emails = HttpService(http, "emails")

    def reserve(self, reservation: Reservation, idempotency_key: str) -> Confirmation:
        return self._reservations.create(reservation, idempotency_key, Confirmation)

    def send(self, tickets: Tickets, idempotency_key: str) -> Confirmation:
        return self._emails.create(tickets, idempotency_key, Confirmation)
