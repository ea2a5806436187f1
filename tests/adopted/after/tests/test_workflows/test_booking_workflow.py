"""The workflow with its real worker, on a server whose timers pass at once."""

from collections.abc import AsyncIterator

import httpx
import pytest
from temporalio.client import Client, WorkflowFailureError

from ticket_office.client.booking_client import (
    pay,
    start,
)
from ticket_office.models.booking_models import (
    Booking,
)
from ticket_office.runtime.settings import WorkerSettings
from ticket_office.workers.booking_worker import (
    create_worker,
)


@pytest.fixture
async def client(time_skipping: Client, http: httpx.Client) -> AsyncIterator[Client]:
    """A client of a server on which the worker runs."""
    async with create_worker(time_skipping, WorkerSettings(), http):
        yield time_skipping


async def test_a_booking_that_is_paid_gets_its_tickets(client: Client, key: str) -> None:
    booking = Booking(booking_id=key, email="ada@example.com", seats=2)
    handle = await start(client, booking)
    await pay(client, key, "pay-7")

    assert await handle.result() == "2 seats, paid by pay-7"


async def test_a_booking_without_an_address_fails(client: Client, key: str) -> None:
    handle = await start(client, Booking(booking_id=key, email="declined", seats=2))
    await pay(client, key, "pay-7")

    with pytest.raises(WorkflowFailureError):
        await handle.result()
