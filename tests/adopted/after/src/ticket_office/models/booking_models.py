"""What goes into a booking, and what its services are asked and answer."""

from ticket_office.models.base import Model


class Booking(Model):
    """Seats for somebody; the JSON of workflows that were started before has these fields."""

    booking_id: str
    email: str
    seats: int


class Reservation(Model):
    """Seats to be held."""

    booking_id: str
    seats: int


class Tickets(Model):
    """Tickets to be sent."""

    email: str
    reservation_id: str


class Confirmation(Model):
    """What a service answers."""

    id: str
