"""The bare worker of the SDK's samples, and one option after another that is not the SDK's default."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from dev.bench.packages import workflow_module
from dev.bench.production_activities import AsyncActivities
from dev.bench.production_workflow import ProductionWorkflow
from dev.bench.sample import SampleWorkflow, blocking_step, step
from my_temporal_service.runtime.converter import create_converter
from my_temporal_service.runtime.history import HistoryInterceptor
from my_temporal_service.runtime.telemetry import create_runtime, free_port
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner

BARE = "bare"
CLIENT_INSIDE = "client in the worker"
SYNCHRONOUS = "activities: synchronous, 100 threads"
LARGE = "30 pydantic models"


class Variant(NamedTuple):
    """How a worker differs from the bare one."""

    options: Mapping[str, Any] = MappingProxyType({})
    """Arguments of `Worker`."""
    workflow: Callable[[], type] = lambda: SampleWorkflow
    activity: Callable[..., Any] = step
    converter: DataConverter = DataConverter.default
    runtime: Callable[[], Runtime | None] = lambda: None
    client_inside: bool = False
    """Whether the workflows are started by the process of the worker."""
    eager: bool = False
    base: str = BARE
    """The variant that it is compared with."""


AUTOSCALING = PollerBehaviorAutoscaling(maximum=100, initial=5)

VARIANTS = {
    BARE: Variant(),
    "pollers: autoscaling up to 100": Variant(
        {
            "workflow_task_poller_behavior": AUTOSCALING,
            "activity_task_poller_behavior": AUTOSCALING,
        }
    ),
    "pollers: 20 + 20 fixed": Variant(
        {"max_concurrent_workflow_task_polls": 20, "max_concurrent_activity_task_polls": 20}
    ),
    "slots: 50 activities": Variant({"max_concurrent_activities": 50}),
    "slots: 200 workflow tasks, 200 activities": Variant(
        {"max_concurrent_workflow_tasks": 200, "max_concurrent_activities": 200}
    ),
    "cache: 500 workflows": Variant({"max_cached_workflows": 500}),
    "cache: 25, less than run at a time": Variant({"max_cached_workflows": 25}),
    "sticky timeout: 2 s": Variant(
        {"sticky_queue_schedule_to_start_timeout": timedelta(seconds=2)}
    ),
    SYNCHRONOUS: Variant({"activity_executor": ThreadPoolExecutor(100)}, activity=blocking_step),
    "models and converter of pydantic, as in the template": Variant(
        workflow=lambda: ProductionWorkflow,
        activity=AsyncActivities().step,
        converter=create_converter(),
    ),
    "interceptor of histories": Variant({"interceptors": [HistoryInterceptor(warn_at=8_000)]}),
    "metrics for Prometheus": Variant(runtime=lambda: create_runtime(free_port())),
    "own package of 30 models, not passed through": Variant(
        workflow=lambda: workflow_module(LARGE, passed_through=False).GeneratedWorkflow
    ),
    "own package of 30 models, passed through": Variant(
        workflow=lambda: workflow_module(LARGE, passed_through=True).GeneratedWorkflow
    ),
    "no sandbox": Variant({"workflow_runner": UnsandboxedWorkflowRunner()}),
    CLIENT_INSIDE: Variant(client_inside=True),
    "eager start, client in the worker": Variant(
        client_inside=True, eager=True, base=CLIENT_INSIDE
    ),
}
"""All that is compared, by its name in the table."""
