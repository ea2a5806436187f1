"""Which rates are measured: up to the capacity, then closer and closer to the highest that holds."""

from collections.abc import Awaitable, Callable, Sequence

from tests.load.measurements import Step

FIRST_RATE = 5.0
RATED = 0.7
"""The share of the capacity that a worker should be able to do at ease."""

MOST_STEPS = 14
REFINEMENTS = 3


async def search(
    measure: Callable[[float], Awaitable[Step]], steps: list[Step], first: float = FIRST_RATE
) -> None:
    """Measure rate after rate; each step is added to `steps` as soon as it is there."""
    rate = first
    # One step that falls behind may be chance; two in which more is offered are the plateau.
    while any(step.keeps_up for step in steps[-2:]) or len(steps) < 2:
        if len(steps) == MOST_STEPS:
            return
        steps.append(await measure(rate))
        rate *= 1.5 if steps[-1].keeps_up else 1.2
    steps.append(await measure(RATED * capacity(steps)))
    for _ in range(REFINEMENTS):
        steps.append(await measure(between(steps)))


def capacity(steps: Sequence[Step]) -> float:
    """Workflows a second that were done when more were offered."""
    return max(step.achieved for step in steps)


def highest_that_holds(steps: Sequence[Step]) -> Step | None:
    """The step with the highest rate at which hardly a task waited."""
    return max((step for step in steps if step.holds), key=lambda s: s.offered, default=None)


def between(steps: Sequence[Step]) -> float:
    """The middle between the highest rate that holds and the next that was measured."""
    best = highest_that_holds(steps)
    low = best.offered if best else 0.0
    return (low + min(step.offered for step in steps if step.offered > low)) / 2
