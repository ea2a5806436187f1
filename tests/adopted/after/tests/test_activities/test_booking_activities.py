"""Each activity alone, against services that keep a ledger of what they did."""

import httpx
import pytest
from temporalio.testing import ActivityEnvironment

from ticket_office.gateways import ServiceRefusedError
from ticket_office.workers.booking_worker import (
    create_activities,
)

from dev.services import Ledger


def test_seats_are_held_once_however_often_the_activity_runs(
    activity_environment: ActivityEnvironment, http: httpx.Client, ledger: Ledger, key: str
) -> None:
    activities = create_activities(http)
    first = activity_environment.run(activities.reserve_seats, key, 2)

    assert activity_environment.run(activities.reserve_seats, key, 2) == first
    assert len(ledger.effects(f"test-{key}:")) == 1


def test_tickets_for_an_address_that_does_not_exist_are_refused(
    activity_environment: ActivityEnvironment, http: httpx.Client
) -> None:
    with pytest.raises(ServiceRefusedError):
        activity_environment.run(create_activities(http).send_tickets, "declined", "42")
