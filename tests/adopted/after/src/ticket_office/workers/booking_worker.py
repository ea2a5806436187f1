"""The worker of the booking domain: `python -m ticket_office.workers.booking_worker`."""

import httpx
from temporalio.client import Client
from temporalio.worker import Worker

from ticket_office.activities.booking_activities import (
    BookingActivities,
)
from ticket_office.gateways.booking_gateways import (
    HttpBookings,
)
from ticket_office.runtime.lifecycle import run_worker
from ticket_office.runtime.options import worker_options
from ticket_office.runtime.settings import WorkerSettings
from ticket_office.workflows.booking_workflow import (
    TASK_QUEUE,
    BookingWorkflow,
)


def create_activities(http: httpx.Client) -> BookingActivities:
    """The activities with their gateways; `http` reaches the other services."""
    return BookingActivities(HttpBookings(http))


def create_worker(client: Client, settings: WorkerSettings, http: httpx.Client) -> Worker:
    """The worker as it runs in production and in the tests."""
    activities = create_activities(http)
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[BookingWorkflow],
        activities=[activities.reserve_seats, activities.send_tickets],
        **worker_options(settings),
    )


if __name__ == "__main__":
    run_worker(create_worker)
