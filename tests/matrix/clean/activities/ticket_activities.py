"""Activities that compute, wait, fail and log, as activities may."""

import asyncio
import math
import random
import time
from datetime import UTC, datetime
from uuid import uuid4

from temporalio import activity
from temporalio.exceptions import ApplicationError

from my_temporal_service.gateways import ServiceUnavailableError
from my_temporal_service.models.ticket_models import (
    Answer,
    Keyed,
    TicketInput,
    TicketRef,
    TicketResult,
)


class TicketActivities:
    """What a ticket does to the outside world."""

    @activity.defn
    def close_ticket(self, ticket: TicketRef) -> None:
        """Close it; there is nothing to say afterwards."""
        activity.logger.info("Closed %s", ticket.ticket_id)

    @activity.defn
    def write_answer(self, ticket: TicketRef) -> Answer:
        """Chance, clock and ids are at home here."""
        words = random.choice(["Yes", "No"])  # noqa: S311  nobody gambles with it
        text = f"{words}, {datetime.now(UTC):%H:%M}, {math.sqrt(len(ticket.ticket_id)):.1f}"
        return Answer(answer_id=uuid4().hex, text=text)

    @activity.defn
    def validate_ticket(self, ticket: TicketInput) -> TicketResult:
        """Raises an error that is final if nobody watches."""
        if not ticket.watchers:
            raise ApplicationError("Nobody watches", type="Unwatched", non_retryable=True)
        return TicketResult(ticket_id=ticket.ticket_id)

    @activity.defn
    async def await_answer(self, ticket: TicketRef) -> Answer:
        """Wait without blocking, and say so."""
        for second in range(3):
            activity.heartbeat(second)
            await asyncio.sleep(1)
        return Answer(answer_id=ticket.ticket_id, text="done")

    @activity.defn
    def find_answer(self, ticket: TicketRef) -> Answer | None:
        """An answer, if there is one."""
        time.sleep(0.01)
        try:
            return self._look_up(ticket)
        except KeyError:
            activity.logger.info("No answer for %s", ticket.ticket_id)
            return None

    @activity.defn
    def store_ticket(self, request: Keyed) -> TicketResult:
        """An error gets the context of the activity."""
        try:
            return TicketResult(ticket_id=request.ticket_id)
        except OSError as error:
            raise ServiceUnavailableError(f"Ticket {request.ticket_id}") from error

    def _look_up(self, ticket: TicketRef) -> Answer:
        return {"1": Answer(answer_id="1", text="one")}[ticket.ticket_id]
