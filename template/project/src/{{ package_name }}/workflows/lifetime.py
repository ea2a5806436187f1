"""What workflows need that live longer than one history: they hand over to a new run in between."""

from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError


def history_is_long(limit: int) -> bool:
    """Whether a run should hand over: it has `limit` events, or the server suggests it."""
    info = workflow.info()
    return info.is_continue_as_new_suggested() or info.get_current_history_length() >= limit


def refuse_if_busy(limit: int) -> None:
    """For the validator of an update: refuse it if the history is twice as long as it should be.

    Under load without a pause there would otherwise never be a moment to hand over. The type of the
    ApplicationError is Busy; the update is worth sending again.
    """
    if workflow.info().get_current_history_length() >= 2 * limit:
        raise ApplicationError("About to hand over to the next run, try again", type="Busy")


async def drained() -> None:
    """Wait until every message that was accepted is answered."""
    await workflow.wait_condition(workflow.all_handlers_finished)


async def idle_before(
    condition: Callable[[], bool], idle: timedelta, used_at: Callable[[], datetime]
) -> bool:
    """Wait until the condition holds, or until nothing was used for so long; true if that came first.

    Use moves the end, but costs no timer: only one that fires is set anew.
    """
    while not condition():
        try:
            await workflow.wait_condition(condition, timeout=used_at() + idle - workflow.now())
        except TimeoutError:
            await drained()  # a message under way is use
            if not condition() and used_at() + idle <= workflow.now():
                return True
    return False
