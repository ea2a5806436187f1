import asyncio

from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.worker import Worker

from activities import reserve, send_tickets
from shared import TASK_QUEUE_NAME
from workflows import BookSeats


async def main() -> None:
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", "localhost:7233")
    client = await Client.connect(**config)
    worker = Worker(
        client,
        task_queue=TASK_QUEUE_NAME,
        workflows=[BookSeats],
        activities=[reserve, send_tickets],
    )
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main())
