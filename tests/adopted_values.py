"""Run inside a project: what the default data converter wrote, read by that of the project, and back.

    python adopted_values.py

Ends with an error where docs/how-to/adopt-a-project.md says something else.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any
from uuid import UUID

from temporalio.converter import DataConverter
from ticket_office.models.base import Model
from ticket_office.runtime.converter import create_converter
from ticket_office.runtime.json_converter import MAX_PAYLOAD, PayloadTooLargeError

OLD, NEW = DataConverter.default, create_converter()


class Plain(Enum):
    """An enum that is no text."""

    A = "a"


class Text(StrEnum):
    """One that is."""

    A = "a"


class Number(IntEnum):
    """One that is a number."""

    A = 1


@dataclass
class Seat:
    """As an old project has it."""

    row: str
    note: str | None = None


@dataclass
class Hall:
    """With others in it."""

    name: str
    opened: datetime
    seats: list[Seat] = field(default_factory=list)


class SeatModel(Model):
    """The same in the new project."""

    row: str
    note: str | None = None


class HallModel(Model):
    """The same in the new project."""

    name: str
    opened: datetime
    seats: list[SeatModel]


NOW = datetime.now(UTC)
SAME: list[tuple[Any, Any]] = [
    ("Größe", str),
    (3, int),
    (1.5, float),
    (True, bool),
    (None, str | None),
    (b"\xff", bytes),
    (["a"], list[str]),
    (("a", 1), tuple[str, int]),
    ({1, 2}, set[int]),
    ({1: "a"}, dict[int, str]),
    (NOW, datetime),
    (UUID(int=7), UUID),
    (Text.A, Text),
    (Number.A, Number),
    (Hall("Größe", NOW, [Seat("A")]), Hall),
]
NEVER_WRITTEN = [
    (date(2026, 1, 1), date),
    (timedelta(1), timedelta),
    (Decimal("1.10"), Decimal),
    (Plain.A, Plain),
]


async def passed(value: Any, hint: Any, writer: DataConverter, reader: DataConverter) -> Any:
    """A value as it is read, of this type, after it was written."""
    return (await reader.decode(await writer.encode([value]), [hint]))[0]


async def fails(reading: Awaitable[Any]) -> bool:
    """Whether a value cannot be passed on."""
    try:
        await reading
    except Exception:  # noqa: BLE001 -- each converter has errors of its own
        return True
    return False


async def main() -> None:
    """Check each row of the table."""
    for value, hint in SAME:
        for writer, reader in ((OLD, NEW), (NEW, OLD)):
            assert await passed(value, hint, writer, reader) == value, value

    hall = await passed(Hall("x", NOW, [Seat("A")]), HallModel, OLD, NEW)
    assert hall == HallModel(name="x", opened=NOW, seats=[SeatModel(row="A")])
    assert await passed(hall, Hall, NEW, OLD) == Hall("x", NOW, [Seat("A")])
    assert await passed({"row": "A", "more": 1}, SeatModel, OLD, NEW) == SeatModel(row="A")
    assert await passed({"row": "A", "more": 1}, Seat, OLD, NEW) == Seat("A")

    nested = {"a": b"\xff"}
    assert await fails(passed(nested, dict[str, bytes], OLD, NEW))
    assert await passed(nested, dict[str, list[int]], OLD, NEW) == {"a": [255]}
    assert await fails(passed(nested, dict[str, bytes], NEW, OLD))

    assert await passed(2.5, int, OLD, OLD) == 2
    assert await fails(passed(2.5, int, OLD, NEW))

    for value, hint in NEVER_WRITTEN:
        assert await fails(OLD.encode([value])), value
        assert await passed(value, hint, NEW, NEW) == value
        assert await fails(passed(value, hint, NEW, OLD)), value

    large = "x" * MAX_PAYLOAD
    assert await passed(large, str, OLD, NEW) == large
    try:
        await NEW.encode([large])
    except PayloadTooLargeError:
        return
    raise AssertionError("a large value was written")


if __name__ == "__main__":
    asyncio.run(main())
