"""What workflows of several domains do alike."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError

Result = TypeVar("Result")


async def to_the_end(
    steps: Coroutine[Any, Any, Result],
    on_cancel: Callable[[], None] = lambda: None,
) -> Result:
    """Finish the steps even if the workflow is cancelled meanwhile.

    The cancellation, of which a workflow gets one at most, goes no further: `on_cancel` hears of it,
    and `workflow.cancellation_reason()` tells afterwards.
    """
    running = asyncio.create_task(steps)
    try:
        return await asyncio.shield(running)
    # ast-grep-ignore: AP6-cancellation-goes-on -- the caller decides how the workflow ends
    except asyncio.CancelledError:
        on_cancel()
        return await running


async def best_effort(step: workflow.ActivityHandle[Any]) -> None:
    """Wait for a step on which nothing depends; if it fails, that is only logged."""
    try:
        await step
    except ActivityError as error:
        workflow.logger.warning("%s failed: %s", error.activity_type, error.cause)
