"""What the API reads from the environment.

The connection to Temporal is not among it: that is up to the SDK (TEMPORAL_ADDRESS and its kin).
"""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ApiSettings(BaseSettings):
    """Settings of the API; every field is the environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    api_host: str = "127.0.0.1"
    """The interface that is listened on; in the image it is every one."""

    api_port: int = Field(default=8000, ge=1, le=65_535)
    """The port that is listened on."""

    api_timeout_seconds: float = Field(default=10, gt=0)
    """How long Temporal may take to answer what one request asks of it."""

    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    """DEBUG, INFO, WARNING or ERROR."""
