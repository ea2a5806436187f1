"""A service that is down is left alone for a while, instead of being called by every retry."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from prometheus_client import Gauge
from pybreaker import (
    STATE_CLOSED,
    CircuitBreaker,
    CircuitBreakerError,
    CircuitBreakerListener,
    CircuitBreakerState,
)

OPEN = Gauge("circuit_breaker_open", "1 while a service is left alone, else 0", ["circuit"])

logger = logging.getLogger(__name__)


class CircuitOpenError(httpx.TransportError):
    """The service was not called, because its last calls failed."""


class CircuitBreakerTransport(httpx.BaseTransport):
    """Calls over another transport, with circuit breakers.

    A request names its circuit in `extensions["circuit"]`; those that do not share one for their
    server. Names come from code, never from data, or each id would have a circuit of its own.

    `failures` calls in a row without an answer, or with a status of 500 and more, open the circuit.
    Calls then fail at once with CircuitOpenError, but for one that after `pause` seconds tries
    whether the service is well again. Each worker has circuits of its own.
    """

    def __init__(
        self, transport: httpx.BaseTransport, failures: int = 10, pause: float = 10
    ) -> None:
        self._transport = transport
        self._failures = failures
        self._pause = pause
        self._circuits: dict[str, _Circuit] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Make the call, or refuse to make it; raises httpx.TransportError."""
        try:
            with self._circuit(request).calling():
                return self._answer(request)
        except _ServerError as error:
            return error.response
        except CircuitBreakerError as error:
            raise CircuitOpenError(f"the circuit breaker is open: {error}") from error

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _answer(self, request: httpx.Request) -> httpx.Response:
        response = self._transport.handle_request(request)
        if response.is_server_error:
            raise _ServerError(response)
        return response

    def _circuit(self, request: httpx.Request) -> "_Circuit":
        server = request.url.copy_with(raw_path=b"/", userinfo=b"")
        name = f"{server}{request.extensions.get('circuit', '')}"
        with self._lock:
            if name not in self._circuits:
                self._circuits[name] = _Circuit(name, self._failures, self._pause)
            return self._circuits[name]


class _Circuit:
    """Lets calls run side by side, but only one try whether the service is well again."""

    def __init__(self, name: str, failures: int, pause: float) -> None:
        self._breaker = CircuitBreaker(
            failures, pause, name=name, listeners=[_State()], throw_new_error_on_trip=False
        )
        OPEN.labels(name).set(0)
        self._trial = threading.Lock()

    @contextmanager
    def calling(self) -> Iterator[None]:
        """A block that makes the call; raises CircuitBreakerError if it should not be made."""
        trying = self._breaker.current_state != STATE_CLOSED
        if trying and not self._trial.acquire(blocking=False):
            raise CircuitBreakerError("another call tries whether the service is well again")
        try:
            # CircuitBreaker.call would hold a lock during the call.
            with self._breaker.calling():
                yield
        finally:
            if trying:
                self._trial.release()


class _ServerError(Exception):
    """An answer that counts as a failure."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class _State(CircuitBreakerListener):
    def state_change(
        self, cb: CircuitBreaker, old_state: object, new_state: CircuitBreakerState
    ) -> None:
        OPEN.labels(cb.name).set(new_state.name != STATE_CLOSED)
        logger.warning("Circuit breaker of %s: %s", cb.name, new_state.name)
