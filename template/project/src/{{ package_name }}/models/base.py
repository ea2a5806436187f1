"""The base of all models."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """An immutable value.

    Unknown fields are ignored, so that a worker of the last release can read what a newer one wrote.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
