"""A TCP proxy between the workers and Temporal, for everything that a network does to connections."""

import asyncio
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # a connection is then ended by RST


class Proxy:
    """Passes on what it gets, unless it is told to do worse."""

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self.delay = 0.0
        """Seconds that each piece of data is held up."""

        self.refusing = False
        """Whether new connections are ended at once."""

        self._target_port = target_port
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[StreamWriter] = set()

    @classmethod
    @asynccontextmanager
    async def started(cls, target_port: int) -> AsyncIterator[Self]:
        """A proxy to a port of this machine."""
        proxy = cls(target_port)
        server = await asyncio.start_server(proxy._connected, "127.0.0.1", 0)
        proxy.port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            server.close()
            proxy.silent = False
            proxy.reset()

    @property
    def silent(self) -> bool:
        """Whether data is swallowed up, as by a broken switch: connections stay, nothing arrives."""
        return not self._flowing.is_set()

    @silent.setter
    def silent(self, silent: bool) -> None:
        (self._flowing.clear if silent else self._flowing.set)()

    def reset(self) -> None:
        """End all connections that there are."""
        for writer in self._writers:
            writer.transport.abort()

    async def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        if self.refusing:
            writer.transport.abort()
            return
        try:
            there = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(self._pass_on(reader, there[1]), self._pass_on(there[0], writer))

    async def _pass_on(self, reader: StreamReader, writer: StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self._writers.add(writer)
        try:
            while data := await reader.read(65_536):
                await asyncio.sleep(self.delay)
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass  # one side has ended it, so the other is ended too
        finally:
            self._writers.discard(writer)
            writer.transport.abort()
