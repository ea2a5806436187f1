"""The outside world of development and tests: one process that stands for every service.

Each path below / is a kind of effect, such as /payments/charges. POST creates an effect under the
key in the Idempotency-Key header, DELETE undoes it. The ledger keeps both, so that tests can count
what really happened. A request in which a text is "declined" is refused.
"""

import argparse
import asyncio
import socket
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SCHEMA = """
CREATE TABLE IF NOT EXISTS effects (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL,
    key TEXT NOT NULL,
    happened BOOLEAN NOT NULL,
    undone BOOLEAN NOT NULL,
    UNIQUE (path, key)
)
"""


class Effect(NamedTuple):
    """A row of the ledger; one that never happened, but was undone, blocks a late creation."""

    id: int
    path: str
    key: str
    happened: bool
    undone: bool


class Ledger:
    """What the services did, in a SQLite file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with self._connect() as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(SCHEMA)

    def create(self, path: str, key: str) -> Effect:
        """Note an effect, unless the key has one already; return the effect of the key."""
        return self._note("VALUES (NULL, ?, ?, 1, 0) ON CONFLICT DO NOTHING", path, key)

    def undo(self, path: str, key: str) -> Effect:
        """Note that the effect of the key is undone; return it."""
        update = "ON CONFLICT DO UPDATE SET undone = 1"
        return self._note(f"VALUES (NULL, ?, ?, 0, 1) {update}", path, key)

    def effects(self, key: str) -> list[Effect]:
        """The effects whose key begins with `key`, oldest first."""
        query = "SELECT * FROM effects WHERE substr(key, 1, ?) = ? ORDER BY id"
        with self._connect() as database:
            return [Effect(*row) for row in database.execute(query, (len(key), key))]

    def _note(self, values: str, path: str, key: str) -> Effect:
        with self._connect() as database:
            database.execute(f"INSERT INTO effects {values}", (path, key))
            query = "SELECT * FROM effects WHERE path = ? AND key = ?"
            return Effect(*database.execute(query, (path, key)).fetchone())

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._file, timeout=10)
        try:
            with database:
                yield database
        finally:
            database.close()


def application(ledger: Ledger) -> Starlette:
    """The services on top of a ledger."""

    async def handle(request: Request) -> Response:
        path, key = request.path_params["path"], request.headers.get("Idempotency-Key", "")
        if not key:
            return JSONResponse({"error": "the Idempotency-Key header is missing"}, 400)
        if request.method == "DELETE":
            effect = await run_in_threadpool(ledger.undo, path, key)
            return JSONResponse({"existed": effect.happened})
        body = await request.json()
        if "declined" in body.values():
            return JSONResponse({"error": "declined"}, 422)
        effect = await run_in_threadpool(ledger.create, path, key)
        if effect.undone:
            return JSONResponse({"error": "this key was undone"}, 410)
        return JSONResponse({"id": f"{path.replace('/', '-')}-{effect.id}"}, 201)

    return Starlette(routes=[Route("/{path:path}", handle, methods=["POST", "DELETE"])])


def free_port() -> int:
    """A TCP port of the loopback interface that nobody uses at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def serve(ledger: Ledger) -> Iterator[str]:
    """Serve the services in a thread, on a free port; yields their URL."""
    config = uvicorn.Config(application(ledger), port=free_port(), log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("The services did not start")
            thread.join(0.01)
        yield f"http://127.0.0.1:{config.port}"
    finally:
        server.should_exit = True
        thread.join()


def main() -> None:
    """Serve until a signal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8280)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        services = application(Ledger(Path(folder, "ledger.sqlite")))
        config = uvicorn.Config(services, port=arguments.port, log_level="warning")
        asyncio.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
