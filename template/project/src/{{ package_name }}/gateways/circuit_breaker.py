"""A service that is down is left alone for a while, instead of being called by every retry."""

import logging
import threading

import httpx
from pybreaker import CircuitBreaker, CircuitBreakerError, CircuitBreakerListener

logger = logging.getLogger(__name__)


class CircuitOpenError(httpx.TransportError):
    """The service was not called, because its last calls failed."""


class CircuitBreakerTransport(httpx.BaseTransport):
    """Calls over another transport, with a circuit breaker for each address.

    `failures` calls in a row without an answer, or with a status of 500 and more, open the circuit.
    Calls then fail at once with CircuitOpenError, until after `pause` seconds one that succeeds
    closes it again. Each worker has circuits of its own.
    """

    def __init__(
        self, transport: httpx.BaseTransport, failures: int = 10, pause: float = 10
    ) -> None:
        self._transport = transport
        self._failures = failures
        self._pause = pause
        self._breakers: dict[str, CircuitBreaker] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Make the call, or refuse to make it; raises httpx.TransportError."""
        try:
            # Unlike CircuitBreaker.call, this lets calls run side by side.
            with self._breaker(request.url).calling():
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

    def _breaker(self, url: httpx.URL) -> CircuitBreaker:
        address = str(url.copy_with(query=None, userinfo=b""))
        with self._lock:
            if address not in self._breakers:
                self._breakers[address] = CircuitBreaker(
                    self._failures,
                    self._pause,
                    name=address,
                    listeners=[_Log()],
                    throw_new_error_on_trip=False,
                )
            return self._breakers[address]


class _ServerError(Exception):
    """An answer that counts as a failure."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class _Log(CircuitBreakerListener):
    def state_change(self, cb: CircuitBreaker, old_state: object, new_state: object) -> None:
        logger.warning("Circuit breaker of %s: %s", cb.name, cb.current_state)
