"""What a worker reads from the environment.

The connection to Temporal is not among it: that is up to the SDK (TEMPORAL_ADDRESS and its kin).
"""

from typing import TypeVar

from pydantic import AnyHttpUrl, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

Settings = TypeVar("Settings", bound=BaseSettings)


class WorkerSettings(BaseSettings):
    """Settings of a worker; every field is the environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    services_url: AnyHttpUrl = AnyHttpUrl("http://127.0.0.1:8280")
    """Where the services that the activities call are."""

    max_concurrent_workflow_tasks: int = Field(default=100, ge=2)
    """Workflow tasks at a time; they are short and bound by the CPU."""

    max_concurrent_activities: int = Field(default=50, ge=1)
    """Activities at a time, each in a thread of its own; they wait for other systems."""

    max_concurrent_local_activities: int = Field(default=200, ge=1)
    """Local activities at a time, each in a thread of its own."""

    max_cached_workflows: int = Field(default=500, ge=0)
    """Workflows kept in memory; an evicted one is replayed from its history."""

    sticky_timeout_seconds: float = Field(default=5, gt=0)
    """How long a task waits for the worker that has its workflow in memory."""

    graceful_shutdown_seconds: float = Field(default=30, ge=0)
    """How long running activities may finish after a signal to stop."""

    history_warning: int = Field(default=8_000, ge=1)
    """Events in the history of a run from which on it is warned; the server ends it at 50,000."""

    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    """DEBUG, INFO, WARNING or ERROR."""


def read_settings(settings: type[Settings]) -> Settings:
    """Read the environment; exits with a line for each variable that is wrong."""
    try:
        return settings()
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, fault['loc'])).upper()}={fault['input']}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise SystemExit("\n".join(lines)) from error
