"""What workflows of several domains do alike."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

Result = TypeVar("Result")


async def to_the_end(
    steps: Coroutine[Any, Any, Result],
    on_cancel: Callable[[], None] = lambda: None,
) -> Result:
    """Finish the steps even if the workflow is cancelled meanwhile; awaited in its `run` only.

    The cancellation, of which a workflow gets one at most, goes no further: `on_cancel` hears of it,
    and `workflow.cancellation_reason()` tells afterwards. A caller that should end as cancelled all
    the same raises `asyncio.CancelledError`.
    """
    running = asyncio.create_task(steps)
    try:
        return await asyncio.shield(running)
    # ast-grep-ignore: AP6-cancellation-goes-on -- the caller decides how the workflow ends
    except asyncio.CancelledError:
        on_cancel()
        return await running


async def unless(condition: Callable[[], bool], step: workflow.ActivityHandle[Any]) -> None:
    """Wait for a step, but call it off as soon as the condition holds; its failure then counts no more."""
    await workflow.wait_condition(lambda: step.done() or condition())
    step.cancel()  # which does nothing to one that is done
    try:
        await step
    except ActivityError:
        if not condition():
            raise


async def best_effort(step: Awaitable[Any]) -> None:
    """Wait for a step on which nothing depends; if it fails, that is only logged.

    Raises ActivityError if it is cancelled.
    """
    try:
        await step
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        workflow.logger.warning("%s failed: %s", error.activity_type, error.cause)
