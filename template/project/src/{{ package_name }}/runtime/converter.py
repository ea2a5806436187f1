"""How inputs and results become JSON and back: the same for every program of this project.

A history that is read with another converter replays without complaint and proves nothing.
"""

from copy import copy
from typing import Any, Self

from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)


class InvalidInputError(ValueError):
    """What a workflow is given does not fit its model: it fails at once."""


class JsonConverter(PydanticJSONPlainPayloadConverter, WithSerializationContext):
    """JSON by pydantic, which tells what a workflow is given from what its activities answer.

    An invalid input fails the workflow. If the result of an activity does not fit, the task is tried
    again until a worker understands it: failing would skip what the workflow has to compensate for.
    """

    _context: SerializationContext | None = None

    def with_context(self, context: SerializationContext) -> Self:
        """A converter that knows what it reads."""
        converter = copy(self)
        converter._context = context
        return converter

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        """Read a value; raises InvalidInputError or ValidationError if it does not fit."""
        try:
            return super().from_payload(payload, type_hint)
        except ValidationError as error:
            if isinstance(self._context, WorkflowSerializationContext):
                raise InvalidInputError(str(error)) from error
            raise


class PayloadConverter(CompositePayloadConverter):
    """The SDK's converters, with ours for JSON."""

    def __init__(self) -> None:
        super().__init__(
            *(
                JsonConverter() if isinstance(converter, JSONPlainPayloadConverter) else converter
                for converter in DefaultPayloadConverter.default_encoding_payload_converters
            )
        )


DATA_CONVERTER = DataConverter(payload_converter_class=PayloadConverter)
