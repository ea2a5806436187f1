"""How much is measured."""

from typing import NamedTuple


class Size(NamedTuple):
    """Numbers of everything that is repeated."""

    copies: int = 7
    """Copies of each template."""
    domains: tuple[int, ...] = (1, 10, 50, 100)
    growth: int = 3
    """Copies with each number of domains."""
    green: tuple[str, ...] = ("make", "test")
    """What is run in a new project until it is green."""
    pairs: int = 5
    """Runs of the worker, and of each option of a worker."""
    tuning: int = 3
    workflows: int = 150
    concurrency: int = 50
    variants: int = 99
    rounds: int = 5
    """Of starts and replays."""
    starts: int = 20
    replays: tuple[int, int] = (100, 4)
    """Short and long histories in a round."""


TINY = Size(
    copies=1,
    domains=(1, 2),
    growth=1,
    green=("make", "check-format"),
    pairs=1,
    tuning=1,
    workflows=3,
    concurrency=3,
    variants=1,
    rounds=1,
    starts=2,
    replays=(2, 1),
)
"""As little as possible, to see that everything works."""
