"""What the tests hold every worker to while it runs, for no rule that reads the code can see all of it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import temporalio.client
import temporalio.worker
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ContinueAsNewInput,
    HandleQueryInput,
    HandleUpdateInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

STATE_BYTES = 1_024
logger = logging.getLogger(__name__)


def strict(client: Client) -> Client:
    """The same client; what the workers on it do wrong fails the workflow, query or update."""
    return intercepted(client, Strict())


def intercepted(client: Client, interceptor: temporalio.client.Interceptor) -> Client:
    """A client of the same server with one more interceptor."""
    config = client.config()
    config["interceptors"] = [*config["interceptors"], interceptor]
    return Client(**config)


class Strict(temporalio.client.Interceptor, temporalio.worker.Interceptor):
    """What only reads changes nothing, state stays small, heartbeats are waited for."""

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        """The part of it that runs inside each workflow."""
        return _Inbound

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """The part of it that runs around each activity."""
        return _ActivityInbound(next)


@contextmanager
def unchanged(name: str) -> Iterator[None]:
    """RW8: raises if the block changes the workflow or what it keeps."""
    before = repr(vars(workflow.instance()))
    yield
    after = repr(vars(workflow.instance()))
    if after != before:
        raise fault(f"{name} may only read, but it made {after} of {before}")


def fault(text: str) -> ApplicationError:
    """What ends a workflow at once, instead of being tried again for ever; encrypted failures hide it."""
    logger.error(text)
    return ApplicationError(text, type="NotStrict", non_retryable=True)


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))

    async def handle_query(self, input: HandleQueryInput) -> Any:
        with unchanged(f"The query {input.query}"):
            return await super().handle_query(input)

    def handle_update_validator(self, input: HandleUpdateInput) -> None:
        with unchanged(f"The validator of {input.update}"):
            super().handle_update_validator(input)


class _Outbound(WorkflowOutboundInterceptor):
    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:
        payloads = workflow.payload_converter().to_payloads(input.args)
        size = sum(len(payload.data) for payload in payloads)
        if size > STATE_BYTES:
            raise fault(
                f"RW7: {size} bytes are handed to the next run, {STATE_BYTES} at most: keep ids and counts"
            )
        super().continue_as_new(input)


class _ActivityInbound(ActivityInboundInterceptor):
    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        super().init(_ActivityOutbound(outbound))


class _ActivityOutbound(ActivityOutboundInterceptor):
    def heartbeat(self, *details: Any) -> None:
        if not activity.info().heartbeat_timeout:
            raise fault("RA3: nobody waits for this heartbeat: give it a heartbeat_timeout")
        super().heartbeat(*details)
