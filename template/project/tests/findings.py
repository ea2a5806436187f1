"""Tests that say all that is wrong at once, a line each."""

from collections.abc import Callable, Iterator
from functools import wraps

import pytest


def policy(rule: Callable[[], Iterator[str]]) -> Callable[[], None]:
    """A test; the rule yields a line for all that is wrong, and how to repair it."""

    @wraps(rule)
    def test() -> None:
        if problems := sorted(rule()):
            pytest.fail("\n".join(problems), pytrace=False)

    return test
