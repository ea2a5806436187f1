"""Heartbeats for every activity, so that the server soon misses a worker that was killed or hangs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from temporalio import activity
from temporalio.client import AsyncActivityCancelledError, WorkflowHistory
from temporalio.service import RPCError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    Plugin,
    Replayer,
    ReplayerConfig,
    Worker,
    WorkerConfig,
    WorkflowReplayResult,
)

logger = logging.getLogger(__name__)


class HeartbeatPlugin(Plugin):
    """Says of each activity with a heartbeat timeout, five times in it, that its worker still runs.

    The activity need not say anything. If it does, what it says is repeated, so that the next
    attempt gets it. Only its own heartbeats tell it that it is cancelled: a call under way is never
    broken off because of these.
    """

    def __init__(self) -> None:
        self._worker: Worker | None = None

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        """Watch all activities."""
        config["interceptors"] = [*config["interceptors"], _Beating(self._send)]
        return config

    async def run_worker(self, worker: Worker, next: Callable[[Worker], Awaitable[None]]) -> None:
        """Get to know the worker, whose client may change."""
        self._worker = worker
        await next(worker)

    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        """Change nothing: a replay runs no activity."""
        return config

    def run_replayer(
        self,
        replayer: Replayer,
        histories: AsyncIterator[WorkflowHistory],
        next: Callable[
            [Replayer, AsyncIterator[WorkflowHistory]],
            AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]],
        ],
    ) -> AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]]:
        """Change nothing."""
        return next(replayer, histories)

    async def _send(self, info: activity.Info, details: Sequence[Any]) -> None:
        if self._worker is None:
            return
        handle = self._worker.client.get_async_activity_handle(task_token=info.task_token)
        try:
            await handle.heartbeat(*details, rpc_timeout=info.heartbeat_timeout)
        except AsyncActivityCancelledError:
            pass
        except RPCError as error:  # the next one may arrive
            logger.debug("No heartbeat of %s: %s", info.activity_type, error)


Send = Callable[[activity.Info, Sequence[Any]], Awaitable[None]]


class _Beating(Interceptor):
    def __init__(self, send: Send) -> None:
        self._send = send

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Inbound(next, self._send)


class _Inbound(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, send: Send) -> None:
        super().__init__(next)
        self._send = send
        self.details: Sequence[Any] = ()

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        super().init(_Outbound(outbound, self))

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info = activity.info()
        if info.heartbeat_timeout is None:
            return await super().execute_activity(input)
        self.details = info.heartbeat_details  # of the attempt before
        beating = asyncio.create_task(self._beat(info, info.heartbeat_timeout.total_seconds() / 5))
        try:
            return await super().execute_activity(input)
        finally:
            beating.cancel()

    async def _beat(self, info: activity.Info, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await self._send(info, self.details)


class _Outbound(ActivityOutboundInterceptor):
    def __init__(self, next: ActivityOutboundInterceptor, inbound: _Inbound) -> None:
        super().__init__(next)
        self._inbound = inbound

    def heartbeat(self, *details: Any) -> None:
        self._inbound.details = details
        super().heartbeat(*details)
