"""Activities in other styles: a dataclass, threads, tasks, loops."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from temporalio import activity

from my_temporal_service.gateways.mail_gateways import (
    MailGateway,
)
from my_temporal_service.models.ticket_models import (
    Answer,
    TicketInput,
    TicketRef,
    TicketResult,
)
from my_temporal_service.runtime.idempotency import idempotency_key

SUBJECTS = {"open": "A new ticket", "closed": "It is done"}

Function = TypeVar("Function", bound=Callable[..., Awaitable[Any]])


def beating(function: Function) -> Function:
    """Send heartbeats while an activity runs."""

    @wraps(function)
    async def inner(*args: Any, **kwargs: Any) -> Any:
        timeout = activity.info().heartbeat_timeout
        beat = asyncio.create_task(_beat(timeout.total_seconds() / 2)) if timeout else None
        try:
            return await function(*args, **kwargs)
        finally:
            if beat:
                beat.cancel()

    return cast(Function, inner)


async def _beat(pause: float) -> None:
    while True:
        await asyncio.sleep(pause)
        activity.heartbeat()


@dataclass
class MailActivities:
    """What is done by mail."""

    mail: MailGateway

    @activity.defn
    def tell_watchers(self, ticket: TicketInput) -> TicketResult:
        """One mail for each of them."""
        for watcher in ticket.watchers:
            self.mail.send(TicketRef(ticket_id=watcher), idempotency_key("mail", watcher))
        return TicketResult(ticket_id=ticket.ticket_id, answers=len(ticket.watchers))

    @activity.defn
    def tell_all_at_once(self, ticket: TicketInput) -> TicketResult:
        """The same, side by side."""
        refs = [TicketRef(ticket_id=watcher) for watcher in ticket.watchers]
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(self.mail.find_answer, refs))
        return TicketResult(ticket_id=ticket.ticket_id, answers=len(answers))

    @activity.defn
    def find_mail(self, ticket: TicketRef) -> Answer | None:
        """The answer, if there is one."""
        try:
            return self.mail.find_answer(ticket)
        except LookupError:
            return None

    @activity.defn
    @beating
    async def await_mail(self, ticket: TicketRef) -> Answer:
        """Ask again and again, in a thread."""
        key = idempotency_key("mail", SUBJECTS["open"])
        await asyncio.to_thread(self.mail.send, ticket, key)
        while True:
            answer = await asyncio.to_thread(self.mail.find_answer, ticket)
            if answer.text:
                return answer
            await asyncio.sleep(5)
