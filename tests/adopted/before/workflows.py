from datetime import timedelta
from typing import Optional

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities import reserve, send_tickets
    from shared import Booking


@workflow.defn
class BookSeats:
    def __init__(self) -> None:
        self.payment_id: Optional[str] = None

    @workflow.run
    async def run(self, booking: Booking) -> str:
        reservation_id = await workflow.execute_activity(
            reserve,
            args=[booking.booking_id, booking.seats],
            start_to_close_timeout=timedelta(seconds=10),
        )
        await workflow.wait_condition(lambda: self.payment_id is not None)
        await workflow.execute_activity(
            send_tickets,
            args=[booking.email, reservation_id],
            start_to_close_timeout=timedelta(seconds=10),
        )
        return f"{booking.seats} seats, paid by {self.payment_id}"

    @workflow.signal
    def pay(self, payment_id: str) -> None:
        self.payment_id = payment_id

    @workflow.query
    def status(self) -> str:
        return "paid" if self.payment_id else "waiting for the payment"
