import asyncio
import sys

from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from shared import TASK_QUEUE_NAME, Booking
from workflows import BookSeats


async def main(booking_id: str, payment_id: str = "") -> None:
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", "localhost:7233")
    client = await Client.connect(**config)
    handle = await client.start_workflow(
        BookSeats.run,
        Booking(booking_id, "ada@example.com", seats=2),
        id=f"booking-{booking_id}",
        task_queue=TASK_QUEUE_NAME,
    )
    print(f"Started {handle.id}: {await handle.query(BookSeats.status)}")
    if payment_id:
        await handle.signal(BookSeats.pay, payment_id)
        print(f"Result: {await handle.result()}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
