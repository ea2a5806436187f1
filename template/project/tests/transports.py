"""Connections to the services that misbehave in one way each."""

import threading

import httpx


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


class Holding(httpx.HTTPTransport):
    """Keeps one kind of call waiting until the test lets it go on."""

    def __init__(self, call: str) -> None:
        super().__init__()
        self._call = call
        self.arrived = threading.Event()
        self.go_on = threading.Event()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if call_of(request) == self._call:
            self.arrived.set()
            self.go_on.wait(10)
        return super().handle_request(request)


class Failing(Recording):
    """Fails one kind of call a number of times, before it takes effect."""

    def __init__(self, call: str, times: int) -> None:
        super().__init__()
        self._call = call
        self._left = times

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if call_of(request) == self._call and self._left:
            self._left -= 1
            self.calls.append(f"{self._call} failed")
            raise httpx.ConnectError("nobody is there")
        return super().handle_request(request)


def call_of(request: httpx.Request) -> str:
    return f"{request.method} {request.url.path}"
