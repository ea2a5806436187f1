"""What judges all overlays: rules that say what is wrong, a fault of several objects in one line."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import wraps

import pytest

from tests.test_deploy.overlays import OVERLAYS, Overlay, render

Policy = Callable[[Overlay], Iterator[str]]


def policy(rule: Policy) -> Callable[[], None]:
    """A test of all overlays that render; a rule yields `place: id, what is wrong → the fix`."""

    @wraps(rule)
    def test() -> None:
        overlays = filter(None, map(render, OVERLAYS))
        if problems := grouped(line for overlay in overlays for line in rule(overlay)):
            pytest.fail("\n".join(problems), pytrace=False)

    # Pytest would ask for a fixture of the name of its argument.
    del test.__wrapped__
    return test


def grouped(lines: Iterable[str]) -> list[str]:
    """One line for what is wrong with several objects of a kind; `*` are all overlays."""
    overlays = defaultdict(set)
    for line in lines:
        place, _, fault = line.partition(": ")
        overlay, kind, name = place.split("/", 2)
        overlays[kind, fault, name].add(overlay)
    names = defaultdict(set)
    for (kind, fault, name), found in overlays.items():
        everywhere = len(found) == len(OVERLAYS)
        names["*" if everywhere else together(found), kind, fault].add(name)
    return sorted(f"{at}/{kind}/{together(of)}: {what}" for (at, kind, what), of in names.items())


def together(names: set[str]) -> str:
    """Several names as a shell has them."""
    return names.copy().pop() if len(names) == 1 else "{" + ",".join(sorted(names)) + "}"
