"""What the tests measure inside workflows while they run."""

from typing import Any

from pydantic_core import to_json
from temporalio import client, worker, workflow
from temporalio.client import Client
from temporalio.worker import (
    HandleQueryInput,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)


class StateSize(client.Interceptor, worker.Interceptor):
    """The size of the largest state that a workflow had, in bytes of JSON.

    It is measured whenever an activity is started or a query answered, in all workers of the client.
    """

    def __init__(self) -> None:
        self.largest = 0

    def client(self, temporal: Client) -> Client:
        """A client of the same server whose workers are measured."""
        config = temporal.config()
        config["interceptors"] = [self]
        return Client(**config)

    def measure(self) -> None:
        state = to_json(vars(workflow.instance()), serialize_unknown=True)
        self.largest = max(self.largest, len(state))

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        measure = self.measure

        class Outbound(WorkflowOutboundInterceptor):
            def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
                measure()
                return super().start_activity(input)

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

            async def handle_query(self, input: HandleQueryInput) -> Any:
                measure()
                return await super().handle_query(input)

        return Inbound
