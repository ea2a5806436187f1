"""How long the histories of workflows grow, and how often they continue as new."""

from typing import Any, ClassVar

from temporalio import workflow
from temporalio.worker import (
    ExecuteWorkflowInput,
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    StartActivityInput,
    StartChildWorkflowInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)


class HistoryInterceptor(Interceptor):
    """Measures every workflow of a worker; it takes no decision, so any worker replays any history.

    `workflow_history_length` is a histogram of events at the end of a run,
    `workflow_continued_as_new` counts the runs that ended that way. A run that reaches `warn_at`
    events logs a warning and is counted by `workflow_history_warnings`, once: with its next activity,
    child workflow or message, or at its end. Timers are not seen, so a run that does nothing else is
    warned of at its end only.
    """

    def __init__(self, warn_at: int) -> None:
        self._warn_at = warn_at

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        """The part of it that runs inside each workflow."""

        class Inbound(_Inbound):
            warn_at = self._warn_at

        return Inbound


class _Inbound(WorkflowInboundInterceptor):
    warn_at: ClassVar[int]
    _warned = False

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound, self))

    def watch(self) -> int:
        """The events so far; warns the first time that there are too many."""
        length = workflow.info().get_current_history_length()
        if length >= self.warn_at and not self._warned:
            self._warned = True
            workflow.logger.warning("The history has %d events: continue as new", length)
            workflow.metric_meter().create_counter(
                "workflow_history_warnings", "Runs whose history is too long"
            ).add(1)
        return length

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        # The SDK's meter and logger are silent during a replay.
        meter = workflow.metric_meter()
        ended = True
        try:
            return await super().execute_workflow(input)
        except workflow.ContinueAsNewError:
            meter.create_counter("workflow_continued_as_new", "Runs that continued as new").add(1)
            raise
        except GeneratorExit:
            ended = False  # the worker has stopped and is garbage; the run goes on elsewhere
            raise
        finally:
            if ended:
                meter.create_histogram(
                    "workflow_history_length", "Events at the end of a run"
                ).record(self.watch())

    async def handle_signal(self, input: HandleSignalInput) -> None:
        self.watch()
        await super().handle_signal(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
        self.watch()
        return await super().handle_update_handler(input)


class _Outbound(WorkflowOutboundInterceptor):
    def __init__(self, next: WorkflowOutboundInterceptor, inbound: _Inbound) -> None:
        super().__init__(next)
        self._inbound = inbound

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
        self._inbound.watch()
        return super().start_activity(input)

    def start_local_activity(self, input: StartLocalActivityInput) -> workflow.ActivityHandle[Any]:
        self._inbound.watch()
        return super().start_local_activity(input)

    async def start_child_workflow(
        self, input: StartChildWorkflowInput
    ) -> workflow.ChildWorkflowHandle[Any, Any]:
        self._inbound.watch()
        return await super().start_child_workflow(input)
