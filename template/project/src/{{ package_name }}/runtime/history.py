"""How long the histories of workflows grow, and how often they continue as new."""

from typing import Any

from temporalio import workflow
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)


class HistoryInterceptor(Interceptor):
    """Measures every workflow of a worker; it takes no decision, so any worker replays any history.

    `workflow_history_length` is a histogram of events at the end of a run,
    `workflow_continued_as_new` counts the runs that ended that way. A run that reaches `warn_at`
    events logs a warning, once.
    """

    def __init__(self, warn_at: int) -> None:
        self._warn_at = warn_at

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        """The part of it that runs inside each workflow."""
        warn_at = self._warn_at

        class Outbound(WorkflowOutboundInterceptor):
            warned = False

            def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
                length = workflow.info().get_current_history_length()
                if length >= warn_at and not self.warned:
                    self.warned = True
                    workflow.logger.warning("The history has %d events: continue as new", length)
                return super().start_activity(input)

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
                # The SDK's meter records nothing during a replay.
                meter = workflow.metric_meter()
                ended = True
                try:
                    return await super().execute_workflow(input)
                except workflow.ContinueAsNewError:
                    meter.create_counter(
                        "workflow_continued_as_new", "Runs that continued as new"
                    ).add(1)
                    raise
                except GeneratorExit:
                    ended = False  # the worker stopped; the run goes on elsewhere
                    raise
                finally:
                    if ended:
                        meter.create_histogram(
                            "workflow_history_length", "Events at the end of a run"
                        ).record(workflow.info().get_current_history_length())

        return Inbound
