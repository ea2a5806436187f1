"""What tickets look like: input, results and state of the clean variants."""

import json
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import Field

from my_temporal_service.models.base import Id, Model


class TicketInput(Model):
    """A ticket."""

    ticket_id: Id
    watchers: list[str] = Field(default_factory=list, max_length=50)
    tags: list[str] = []
    rounds: int = Field(default=3, ge=1, le=10)
    zone: str = "Europe/Berlin"
    patience: timedelta = timedelta(days=1)

    def tagged(self) -> str:
        """The tags as JSON."""
        return json.dumps(self.tags)

    def local(self, at: datetime) -> datetime:
        """The time where the ticket comes from."""
        return at.astimezone(ZoneInfo(self.zone))


class TicketRef(Model):
    """Which ticket."""

    ticket_id: Id


class TicketResult(Model):
    """What became of it."""

    ticket_id: Id
    answers: int = 0


class Answer(Model):
    """What somebody wrote."""

    answer_id: Id
    text: str = Field(max_length=1_000)


class Keyed(Model):
    """A request that carries its key."""

    ticket_id: Id
    idempotency_key: str


class TicketStatus(StrEnum):
    """How far a ticket is."""

    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"
