"""What a program reads from the environment.

The connection to Temporal is not among it: that is up to the SDK (TEMPORAL_ADDRESS and its kin).
"""

from typing import Literal, Self, TypeVar

from pydantic import AnyHttpUrl, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Settings = TypeVar("Settings", bound=BaseSettings)


class ProcessSettings(BaseSettings):
    """Settings of every program; a field is the environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    connect_timeout_seconds: float = Field(default=30, ge=0)
    """For how long the first connection to Temporal is tried; later ones are without end."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """From which level on messages are logged."""

    log_format: Literal["text", "json"] = "text"
    """How they are written; in the image it is json."""


class WorkerSettings(ProcessSettings):
    """Settings of a worker."""

    services_url: AnyHttpUrl = AnyHttpUrl("http://127.0.0.1:8280")
    """Where the services that the activities call are."""

    max_concurrent_workflow_tasks: int = Field(default=100, ge=2)
    """Workflow tasks at a time; they are short and bound by the CPU."""

    max_concurrent_activities: int = Field(default=50, ge=1)
    """Activities at a time, each in a thread of its own; they wait for other systems."""

    max_concurrent_local_activities: int = Field(default=200, ge=1)
    """Local activities at a time, each in a thread of its own."""

    target_cpu_usage: float | None = Field(default=None, gt=0, le=1)
    """Instead of those three: take on tasks while less than this share of the CPU is used, as 0.8."""

    target_memory_usage: float | None = Field(default=None, gt=0, le=1)
    """With TARGET_CPU_USAGE: take on tasks while less than this share of the memory is used."""

    max_pollers: int = Field(default=100, ge=2)
    """How many polls for workflow tasks, and for activities, may wait at a time; their number adapts."""

    max_activities_per_second: float | None = Field(default=None, gt=0)
    """Activities that this worker starts in a second; unlimited by default."""

    max_task_queue_activities_per_second: float | None = Field(default=None, gt=0)
    """Activities that all workers of the task queue start in a second; unlimited by default."""

    max_cached_workflows: int = Field(default=500, ge=0)
    """Workflows kept in memory; an evicted one is replayed from its history."""

    sticky_timeout_seconds: float = Field(default=1.5, gt=0)
    """How long a task waits for the worker that has its workflow in memory."""

    graceful_shutdown_seconds: float = Field(default=30, ge=0)
    """How long running activities may finish after a signal to stop."""

    health_host: str = "127.0.0.1"
    """The interface on which /livez, /readyz and /metrics are served; in the image it is every one."""

    health_port: int = Field(default=8080, ge=0, le=65_535)
    """The port on which they are served; 0 takes a free one."""

    history_warning: int = Field(default=8_000, ge=1)
    """Events in the history of a run from which on it is warned; the server ends it at 50,000."""

    temporal_deployment_name: str | None = Field(default=None, min_length=1)
    """Turns Worker Versioning on: the Worker Deployment that this worker belongs to."""

    temporal_worker_build_id: str | None = Field(default=None, min_length=1)
    """With TEMPORAL_DEPLOYMENT_NAME: the version of the code within it."""

    versioning_behavior: Literal["pinned", "auto_upgrade"] = "pinned"
    """Whether a running workflow stays with its version of the code or moves to the newest."""

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        """Refuse what contradicts itself."""
        both = {"target_cpu_usage", "target_memory_usage"} & self._given
        slots = {name for name in self._given if name.startswith("max_concurrent_")}
        versioning = {"temporal_deployment_name", "temporal_worker_build_id"} & self._given
        if len(both) == 1:
            raise ValueError("TARGET_CPU_USAGE and TARGET_MEMORY_USAGE: set both, or neither")
        if both and slots:
            names = ", ".join(sorted(slots)).upper()
            raise ValueError(f"{names}: unset, for TARGET_CPU_USAGE decides how much is taken on")
        if len(versioning) == 1:
            raise ValueError(
                "TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID: set both, or neither"
            )
        return self

    @property
    def _given(self) -> set[str]:
        return {name for name in self.model_fields_set if getattr(self, name) is not None}


def read_settings(settings: type[Settings]) -> Settings:
    """Read the environment; exits with a line for each variable that is wrong."""
    try:
        return settings()
    except ValidationError as error:
        lines = [
            f"{str(fault['loc'][0]).upper()}={fault['input']}: {fault['msg']}"
            if fault["loc"]
            else fault["msg"].removeprefix("Value error, ")
            for fault in error.errors()
        ]
        raise SystemExit("\n".join(lines)) from error
