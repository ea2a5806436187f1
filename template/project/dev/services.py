"""The outside world of development and tests: one process that stands for every service.

Each path below / is a kind of effect, such as /payments/charges. POST creates an effect under the
key in the Idempotency-Key header, GET tells of it, DELETE undoes it. The ledger keeps everything,
so that tests can count what really happened.

- A request in which a text is "declined" is refused, one in which a text is "slow" takes two seconds.
- An effect is settled a moment after it was created.
- A request with `limit` works on the items of its path: with `offset` it reads them, without it
  takes them away. The answer has the `count` of items that there were. One with `quantity` puts so
  many items there. The answer to any has the `total` of items that the path has now.
- With --trouble 0.2, one in five calls fails before, and one in five after it took effect; with the
  same --seed it is the same ones. No call fails more than three times in a row.
- With --latency 1, each call takes a second.
"""

import argparse
import asyncio
import random
import socket
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SETTLED_AFTER = 0.3  # seconds
# Of one call, at most: what gives up after five attempts must not do so by chance.
FAILURES_IN_A_ROW = 3
ITEMS = 2_500  # of a path from which is read or taken, unless a test has stocked it

SCHEMA = [
    """
    CREATE TABLE IF NOT EXISTS effects (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL,
        key TEXT NOT NULL,
        count INTEGER NOT NULL,
        created REAL NOT NULL,
        happened BOOLEAN NOT NULL,
        undone BOOLEAN NOT NULL,
        UNIQUE (path, key)
    )
    """,
    "CREATE TABLE IF NOT EXISTS items (path TEXT PRIMARY KEY, count INTEGER NOT NULL)",
]


@dataclass(frozen=True)
class Effect:
    """A row of the ledger; one that never happened, but was undone, blocks a late creation."""

    id: int
    path: str
    key: str
    count: int
    created: float
    happened: bool
    undone: bool

    @property
    def settled(self) -> bool:
        """Whether the effect is final."""
        return time.time() - self.created > SETTLED_AFTER


class Ledger:
    """What the services did, in a SQLite file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with self._connect() as database:
            for statement in SCHEMA:
                database.execute(statement)

    def create(
        self,
        path: str,
        key: str,
        limit: int | None = None,
        offset: int | None = None,
        quantity: int | None = None,
    ) -> Effect:
        """Note an effect, unless the key has one already; return the effect of the key."""
        with self._connect() as database:
            if effect := self._find(database, path, key):
                return effect
            count = 0
            if limit is not None:
                count = self._take(database, path, limit, offset)
            elif quantity is not None:
                count = self._put(database, path, quantity)
            self._note(database, path, key, count, happened=True)
            return self._get(database, path, key)

    def undo(self, path: str, key: str) -> Effect:
        """Note that the effect of the key is undone; return it."""
        with self._connect() as database:
            if self._find(database, path, key):
                update = "UPDATE effects SET undone = 1 WHERE path = ? AND key = ?"
                database.execute(update, (path, key))
            else:
                self._note(database, path, key, count=0, happened=False)
            return self._get(database, path, key)

    def find(self, path: str, key: str) -> Effect | None:
        """The effect of a key."""
        with self._connect() as database:
            return self._find(database, path, key)

    def effects(self, key: str) -> list[Effect]:
        """The effects whose key begins with `key`, oldest first."""
        query = "SELECT * FROM effects WHERE substr(key, 1, ?) = ? ORDER BY id"
        with self._connect() as database:
            return [Effect(*row) for row in database.execute(query, (len(key), key))]

    def stock(self, path: str, count: int) -> None:
        """Give a path this many items."""
        with self._connect() as database:
            database.execute("REPLACE INTO items VALUES (?, ?)", (path, count))

    def total(self, path: str) -> int:
        """How many items a path has."""
        query = "SELECT count FROM items WHERE path = ?"
        with self._connect() as database:
            row = database.execute(query, (path,)).fetchone()
        return row[0] if row else 0

    def _take(self, database: sqlite3.Connection, path: str, limit: int, offset: int | None) -> int:
        database.execute("INSERT OR IGNORE INTO items VALUES (?, ?)", (path, ITEMS))
        row = database.execute("SELECT count FROM items WHERE path = ?", (path,)).fetchone()
        count: int = max(0, min(limit, row[0] - (offset or 0)))
        if offset is None:
            update = "UPDATE items SET count = count - ? WHERE path = ?"
            database.execute(update, (count, path))
        return count

    def _put(self, database: sqlite3.Connection, path: str, quantity: int) -> int:
        database.execute("INSERT OR IGNORE INTO items VALUES (?, 0)", (path,))
        update = "UPDATE items SET count = count + ? WHERE path = ?"
        database.execute(update, (quantity, path))
        return quantity

    def _note(
        self, database: sqlite3.Connection, path: str, key: str, count: int, happened: bool
    ) -> None:
        database.execute(
            "INSERT INTO effects VALUES (NULL, ?, ?, ?, ?, ?, ?)",
            (path, key, count, time.time(), happened, not happened),
        )

    def _find(self, database: sqlite3.Connection, path: str, key: str) -> Effect | None:
        query = "SELECT * FROM effects WHERE path = ? AND key = ?"
        row = database.execute(query, (path, key)).fetchone()
        return Effect(*row) if row else None

    def _get(self, database: sqlite3.Connection, path: str, key: str) -> Effect:
        effect = self._find(database, path, key)
        assert effect
        return effect

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._file, timeout=10, isolation_level=None)
        try:
            with database:
                database.execute("PRAGMA synchronous = OFF")  # it only has to live as long as we
                # What is read here must still hold when it is written.
                database.execute("BEGIN IMMEDIATE")
                yield database
        finally:
            database.close()


class Trouble:
    """Decides which calls fail: each by its own name, so that the order in which they come is no matter."""

    def __init__(self, share: float, seed: str) -> None:
        self._share = share
        self._seed = seed or uuid4().hex
        self._decisions: Counter[str] = Counter()
        self._in_a_row: Counter[str] = Counter()

    def strikes(self, call: str) -> bool:
        """Whether a call fails now."""
        self._decisions[call] += 1
        chance = random.Random(f"{self._seed} {call} {self._decisions[call]}").random()
        struck = chance < self._share and self._in_a_row[call] < FAILURES_IN_A_ROW
        self._in_a_row[call] += struck
        return struck

    def spares(self, call: str) -> None:
        """Note that a call has succeeded."""
        self._in_a_row[call] = 0


def application(
    ledger: Ledger, trouble: float = 0, latency: float = 0, seed: str = ""
) -> Starlette:
    """The services on top of a ledger.

    `trouble` is the share of calls that fail, from 0 to 1; `latency` is in seconds a call.
    """
    troubles = Trouble(trouble, seed)

    async def handle(request: Request) -> Response:
        await request.body()
        await asyncio.sleep(latency)
        call = f"{request.method} {request.url.path} {request.headers.get('Idempotency-Key')}"
        if troubles.strikes(call):
            return JSONResponse({"error": "trouble before the effect"}, 503)
        response = await answer(request)
        if troubles.strikes(call):
            return JSONResponse({"error": "trouble after the effect"}, 503)
        troubles.spares(call)
        return response

    async def answer(request: Request) -> Response:
        path, key = request.path_params["path"], request.headers.get("Idempotency-Key", "")
        if not key:
            return JSONResponse({"error": "the Idempotency-Key header is missing"}, 400)
        if request.method == "GET":
            found = await run_in_threadpool(ledger.find, path, key)
            missing = JSONResponse({"error": "no such effect"}, 404)
            return JSONResponse(reply(found)) if found else missing
        if request.method == "DELETE":
            undone = await run_in_threadpool(ledger.undo, path, key)
            return JSONResponse({"existed": undone.happened})
        body = await request.json()
        if "declined" in body.values():
            return JSONResponse({"error": "declined"}, 422)
        if "slow" in body.values():
            await asyncio.sleep(2)
        numbers = [body.get(name) for name in ("limit", "offset", "quantity")]
        effect = await run_in_threadpool(ledger.create, path, key, *numbers)
        if effect.undone:
            return JSONResponse({"error": "this key was undone"}, 410)
        total = await run_in_threadpool(ledger.total, path)
        return JSONResponse(reply(effect) | {"total": total})

    methods = ["GET", "POST", "DELETE"]
    return Starlette(routes=[Route("/{path:path}", handle, methods=methods)])


def reply(effect: Effect) -> dict[str, object]:
    """What a service says of an effect."""
    name = f"{effect.path.replace('/', '-')}-{effect.id}"
    return {"id": name, "count": effect.count, "settled": effect.settled}


def bound_socket() -> socket.socket:
    """A socket on a port of the loopback interface that nobody else gets while it is open."""
    # Only if it names its protocol, asyncio lets small answers go out at once.
    bound = socket.socket(proto=socket.IPPROTO_TCP)
    bound.bind(("127.0.0.1", 0))
    return bound


@contextmanager
def serve(ledger: Ledger, trouble: float = 0, latency: float = 0) -> Iterator[str]:
    """Serve the services in a thread, on a free port; yields their URL."""
    services = application(ledger, trouble, latency)
    server = uvicorn.Server(uvicorn.Config(services, log_level="warning"))
    with bound_socket() as bound:
        thread = threading.Thread(target=server.run, args=[[bound]], daemon=True)
        thread.start()
        try:
            while not server.started:
                if not thread.is_alive():
                    raise RuntimeError("The services did not start")
                thread.join(0.01)
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def main() -> None:
    """Serve until a signal."""
    parser = argparse.ArgumentParser(description="The services that stand for the outside world.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8280)
    parser.add_argument("--trouble", type=float, default=0, help="share of failing calls, 0 to 1")
    parser.add_argument("--latency", type=float, default=0, help="seconds that a call takes")
    parser.add_argument("--seed", default="", help="which calls fail, by default others each time")
    parser.add_argument("--ledger", type=Path, help="a file that is kept, also between two runs")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(arguments.ledger or Path(folder, "ledger.sqlite"))
        services = application(ledger, arguments.trouble, arguments.latency, arguments.seed)
        uvicorn.run(services, host=arguments.host, port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
