"""What a program reads from the environment.

The connection to Temporal is not among it: that is up to the SDK (TEMPORAL_ADDRESS and its kin).
"""

import os
import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, ClassVar, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

Settings = TypeVar("Settings", bound="ProcessSettings")

CONNECTION = {
    "TEMPORAL_ADDRESS",
    "TEMPORAL_API_KEY",
    "TEMPORAL_API_KEY_FILE",
    "TEMPORAL_CONFIG_FILE",
    "TEMPORAL_NAMESPACE",
    "TEMPORAL_PROFILE",
    "TEMPORAL_PROXY",
    "TEMPORAL_TLS",
    "TEMPORAL_TLS_CLIENT_CERT_DATA",
    "TEMPORAL_TLS_CLIENT_CERT_PATH",
    "TEMPORAL_TLS_CLIENT_KEY_DATA",
    "TEMPORAL_TLS_CLIENT_KEY_PATH",
    "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION",
    "TEMPORAL_TLS_SERVER_CA_CERT_DATA",
    "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
    "TEMPORAL_TLS_SERVER_NAME",
}
"""The variables of the connection; TEMPORAL_GRPC_META_* besides."""

SIMILAR = 0.92
"""From which likeness on a name counts as misspelt, between 0 and 1; what Kubernetes sets is less like ours."""

PUBLIC_FAULTS = ("finite", "float", "greater", "int", "less", "literal")
"""Kinds of faults of numbers and choices: only what these are about is repeated, the rest may be secret."""

SLOTS = 10_000
"""The most tasks at a time: with as many threads, a process has no time left for the tasks."""

HOUR = 3_600

CAP_SECONDS = 15
"""How much longer than the graceful time a worker may take to stop, before it is ended by force.

What runs it has to leave it that time.
"""


def _base(url: AnyHttpUrl) -> AnyHttpUrl:
    if url.query is not None or url.fragment is not None:
        raise ValueError("paths are appended to it, so it ends before ? and #")
    return url


def _masked(url: AnyHttpUrl) -> str:
    return re.sub("//[^/]*@", "//***@", str(url))


BaseUrl = Annotated[
    AnyHttpUrl, AfterValidator(_base), PlainSerializer(_masked, when_used="json"), Field(repr=False)
]
"""The URL of services; user and password in it are not logged."""


def _build_id(name: str) -> str:
    if not name or name.startswith("__"):
        raise ValueError("it is not empty, and does not begin with __")
    return name


def _deployment(name: str) -> str:
    if "." in name or ":" in name:
        raise ValueError("the server takes neither . nor : in it")
    return _build_id(name)


class ProcessSettings(BaseSettings):
    """Settings of every program; a field is the environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    prefixes: ClassVar[tuple[str, ...]] = ("TEMPORAL_",)
    """How variables begin that an SDK reads by itself."""

    connect_timeout_seconds: float = Field(default=30, ge=0, le=HOUR)
    """For how long the first connection to Temporal is tried; later ones are without end."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """From which level on messages are logged."""

    log_format: Literal["text", "json"] = "text"
    """How they are written; in the image it is json."""

    def shown(self) -> str:
        """JSON without secrets for the log: people are only shown what is no default."""
        return self.model_dump_json(exclude_defaults=self.log_format == "text")


class WorkerSettings(ProcessSettings):
    """Settings of a worker."""

    services_url: BaseUrl = AnyHttpUrl("http://127.0.0.1:8280")
    """Where the services that the activities call are."""

    max_concurrent_workflow_tasks: int = Field(default=100, ge=2, le=SLOTS)
    """Workflow tasks at a time; they are short and bound by the CPU."""

    max_concurrent_activities: int = Field(default=50, ge=1, le=SLOTS)
    """Activities at a time, each in a thread of its own; they wait for other systems."""

    max_concurrent_local_activities: int = Field(default=200, ge=1, le=SLOTS)
    """Local activities at a time, each in a thread of its own."""

    target_cpu_usage: float | None = Field(default=None, gt=0, le=1)
    """Instead of those three: take on tasks while less than this share of the CPU is used, as 0.8."""

    target_memory_usage: float | None = Field(default=None, gt=0, le=1)
    """With TARGET_CPU_USAGE: take on tasks while less than this share of the memory is used."""

    max_pollers: int = Field(default=100, ge=2, le=1_000)
    """How many polls for workflow tasks, and for activities, may wait at a time; their number adapts."""

    max_activities_per_second: float | None = Field(default=None, ge=0.01, le=1_000_000)
    """Activities that this worker starts in a second; unlimited by default."""

    max_task_queue_activities_per_second: float | None = Field(default=None, ge=0.01, le=1_000_000)
    """Activities that all workers of the task queue start in a second; unlimited by default."""

    max_cached_workflows: int = Field(default=500, ge=1, le=100_000)
    """Workflows kept in memory; an evicted one is replayed from its history."""

    sticky_timeout_seconds: float = Field(default=2, ge=0.1, le=HOUR)
    """How long a task waits for the worker that has its workflow in memory."""

    graceful_shutdown_seconds: float = Field(default=30, ge=0, le=24 * HOUR)
    """How long running activities may finish after a signal to stop."""

    health_host: str = "127.0.0.1"
    """The interface on which /livez, /readyz and /metrics are served; in the image it is every one."""

    health_port: int = Field(default=8080, ge=0, le=65_535)
    """The port on which they are served; 0 takes a free one."""

    history_warning: int = Field(default=8_000, ge=1, le=10_000)
    """Events in the history of a run from which on it is warned; at 10,000 it should have continued."""

    temporal_deployment_name: Annotated[str, AfterValidator(_deployment)] | None = None
    """Turns Worker Versioning on: the Worker Deployment that this worker belongs to."""

    temporal_worker_build_id: Annotated[str, AfterValidator(_build_id)] | None = None
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
        raise SystemExit("\n".join(faults(error))) from None


def faults(error: ValidationError) -> Iterator[str]:
    """A line for each variable that is wrong."""
    for fault in error.errors():
        message = fault["msg"].removeprefix("Value error, ")
        if fault["loc"]:
            name = str(fault["loc"][0]).upper()
            value = str(fault["input"]).encode("unicode_escape").decode()[:80]
            shown = f"{name}={value}" if fault["type"].startswith(PUBLIC_FAULTS) else name
            message = f"{shown}: {message}"
        yield message


def misspelt(settings: ProcessSettings) -> Iterator[str]:
    """Variables of the environment that nobody reads, but that are like one of ours."""
    classes = (type(settings), WorkerSettings)
    known = {name.upper() for each in classes for name in each.model_fields} | CONNECTION
    for name in sorted(os.environ.keys() - known):
        for similar in get_close_matches(name, known, n=1, cutoff=SIMILAR):
            yield f"{name} (is {similar} meant?)"
