"""What stands between a client and a server in tests passes on what comes."""

from asyncio import StreamReader, StreamWriter


async def pipe(source: StreamReader, sink: StreamWriter) -> None:
    """Pass on what comes, until there is no more."""
    try:
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
    except ConnectionError:
        pass  # how either side ends is not what is tested
    finally:
        sink.close()
