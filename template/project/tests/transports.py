"""Connections to the services that misbehave in one way each."""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import httpx

# More than the 10 seconds after which a workflow task is given to another worker.
PATIENCE_SECONDS = 30

Calls = str | Callable[[httpx.Request], bool]
"""Which calls it is about: those like `POST /payments/charges`, or those for which this is true."""


class Recording(httpx.HTTPTransport):
    """Notes every call as it is made, such as `POST /payments/charges`."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(call_of(request))
        return super().handle_request(request)


class LosesFirstAnswers(httpx.HTTPTransport):
    """Delivers every call, but loses the answer to the first of each kind."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if call_of(request) in self._seen:
            return response
        self._seen.add(call_of(request))
        response.close()
        raise httpx.ReadTimeout("the answer was lost")


class Losing(httpx.HTTPTransport):
    """Delivers every call, but loses every answer to some."""

    def __init__(self, calls: Calls) -> None:
        super().__init__()
        self._calls = calls

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if among(self._calls, request):
            raise httpx.ReadTimeout("the answer was lost")
        return response


class Holding(httpx.HTTPTransport):
    """Keeps some calls waiting until the test lets them go on."""

    def __init__(self, calls: Calls) -> None:
        super().__init__()
        self._calls = calls
        self._arrived = threading.Event()
        self.go_on = threading.Event()

    async def arrival(self) -> None:
        """Wait for the first of the calls."""
        assert await asyncio.to_thread(self._arrived.wait, PATIENCE_SECONDS), "no such call came"

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if among(self._calls, request):
            self._arrived.set()
            self.go_on.wait(PATIENCE_SECONDS)
        return super().handle_request(request)


class Failing(Recording):
    """Fails some calls a number of times, by default always, before they take effect."""

    instead = "failed"

    def __init__(self, calls: Calls, times: int = 1_000) -> None:
        super().__init__()
        self._calls = calls
        self._left = times

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if among(self._calls, request) and self._left:
            self._left -= 1
            self.calls.append(f"{call_of(request)} {self.instead}")
            return self.answer(request)
        return super().handle_request(request)

    def answer(self, _request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody is there")


class Refusing(Failing):
    """Refuses them, which is final."""

    instead = "refused"

    def answer(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(422, json={"error": "refused"}, request=request)


def call_of(request: httpx.Request) -> str:
    return f"{request.method} {request.url.path}"


def of(key: str, call: str) -> Calls:
    """A call for the workflow of this key: on a real server, those that other tests left go on too."""
    return lambda request: call_of(request) == call and key in request.headers["Idempotency-Key"]


def content_of(request: httpx.Request) -> dict[str, Any]:
    """What a call is about; nothing if it undoes or only asks."""
    content: dict[str, Any] = json.loads(request.content or "{}")
    return content


def among(calls: Calls, request: httpx.Request) -> bool:
    return call_of(request) == calls if isinstance(calls, str) else calls(request)
