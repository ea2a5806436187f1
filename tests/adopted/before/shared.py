from dataclasses import dataclass

TASK_QUEUE_NAME = "ticket-office-task-queue"


@dataclass
class Booking:
    booking_id: str
    email: str
    seats: int
