"""How other programs start, find and pay the bookings of this domain."""

from temporalio.client import Client, WorkflowHandle

from ticket_office.contracts import business_key
from ticket_office.models.booking_models import (
    Booking,
)
from ticket_office.workflows.booking_workflow import (
    TASK_QUEUE,
    BookingWorkflow,
)


def workflow_id(booking_id: str) -> str:
    """The id of the workflow of a booking."""
    return f"booking-{booking_id}"


def find(client: Client, booking_id: str) -> WorkflowHandle[BookingWorkflow, str]:
    """The workflow of a booking, whether it exists or not."""
    return client.get_workflow_handle_for(BookingWorkflow.run, workflow_id(booking_id))


async def start(client: Client, booking: Booking) -> WorkflowHandle[BookingWorkflow, str]:
    """Start the workflow of a booking; raises WorkflowAlreadyStartedError if it runs."""
    return await client.start_workflow(
        BookingWorkflow.run,
        booking,
        id=workflow_id(booking.booking_id),
        search_attributes=business_key(booking.booking_id),
        task_queue=TASK_QUEUE,
    )


async def pay(client: Client, booking_id: str, payment_id: str) -> None:
    """Tell a booking that it is paid."""
    await find(client, booking_id).signal(BookingWorkflow.pay, payment_id)
