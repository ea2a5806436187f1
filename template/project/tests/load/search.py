"""Which rates are measured: up to the capacity, then closer and closer to the highest that holds."""

from collections.abc import Awaitable, Callable, Sequence

from tests.load.measurements import Step

FIRST_RATE = 5.0
LONGEST_RAMP = 14

RATED = 0.7
"""The share of the capacity that workers should be able to do at ease."""

Judge = Callable[[Step], bool]


async def search(measure: Callable[[float], Awaitable[Step]], steps: list[Step]) -> None:
    """Measure rate after rate; each step is added to `steps` as soon as it is there."""
    rate = FIRST_RATE
    # One step that falls behind may be chance; two in which more is offered are the plateau.
    while len(steps) < 2 or any(map(keeps_up, steps[-2:])):
        if len(steps) == LONGEST_RAMP:
            return
        steps.append(await measure(rate))
        rate *= 1.5 if steps[-1].keeps_up else 1.2
    for _ in range(2):
        steps.append(await measure(between(steps, keeps_up)))
    steps.append(await measure(RATED * capacity(steps)))
    for _ in range(3):
        steps.append(await measure(between(steps, holds)))


def keeps_up(step: Step) -> bool:
    """Whether what was offered was done."""
    return step.keeps_up


def holds(step: Step) -> bool:
    """Whether it was done with hardly a task waiting."""
    return step.holds


def highest(steps: Sequence[Step], judge: Judge) -> Step | None:
    """The step with the highest rate of those that pass."""
    return max(filter(judge, steps), key=lambda step: step.offered, default=None)


def between(steps: Sequence[Step], judge: Judge) -> float:
    """The middle between the highest rate that passes and the next that was measured."""
    best = highest(steps, judge)
    low = best.offered if best else 0.0
    return (low + min(step.offered for step in steps if step.offered > low)) / 2


def capacity(steps: Sequence[Step]) -> float:
    """Workflows a second that were done, however many were offered."""
    return max(step.achieved for step in steps)
