"""The base of all models."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""A business id, which may become part of a workflow id."""


class Model(BaseModel):
    """An immutable value.

    Unknown fields are ignored, so that a worker of the last release can read what a newer one wrote.
    What a run hands to the next allows them instead (`extra="allow"`): they are handed on.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
