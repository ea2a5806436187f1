"""Sample bookings for `make run`, `make demo` and `make record`; the name of each says how its
workflow ends."""

from temporalio.client import Client

from ticket_office.client.booking_client import (
    find,
    pay,
)
from ticket_office.models.booking_models import (
    Booking,
)

from dev.samples import until_waiting


def samples(key: str) -> dict[str, Booking]:
    """Bookings whose ids end in `key`, which makes them new ones."""
    return {
        "paid": Booking(booking_id=f"paid-{key}", email="ada@example.com", seats=2),
        "refused": Booking(booking_id=f"refused-{key}", email="declined", seats=2),
    }


async def play(client: Client, _name: str, sample: Booking) -> None:
    """Pay for a booking as soon as its seats are held."""
    await until_waiting(find(client, sample.booking_id))
    await pay(client, sample.booking_id, payment_id="pay-7")
