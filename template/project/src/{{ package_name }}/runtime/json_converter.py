"""How inputs and results become JSON and back."""

from typing import Any, Self

from pydantic import ValidationError
from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)
from temporalio.exceptions import ApplicationError

MAX_PAYLOAD = 256 * 1024
"""Bytes of one value. The server refuses 2 MB, and 4 MB for all values of a message, which leaves a
workflow stuck; values of this size fill a history of 50 MB in 200 events."""


class InvalidInputError(ValueError):
    """What a workflow is given does not fit its model: it fails at once."""


class PayloadTooLargeError(ValueError):
    """A value that does not belong into a history: store it elsewhere and pass on where it is."""


class JsonConverter(PydanticJSONPlainPayloadConverter, WithSerializationContext):
    """JSON by pydantic, of a limited size, that tells inputs of workflows from results of activities.

    An invalid input fails the workflow. If the result of an activity does not fit, the task is tried
    again until a worker understands it: failing would skip what the workflow has to compensate for.
    The result of a child workflow counts as an input, for the SDK does not tell them apart: if it
    does not fit, it fails the parent.
    """

    _context: SerializationContext | None = None

    def with_context(self, context: SerializationContext) -> Self:
        """A converter that knows what it reads."""
        # copy() would begin with an empty cache of type adapters, for every workflow and activity.
        converter = object.__new__(type(self))
        converter.__dict__ |= self.__dict__ | {"_context": context}
        return converter

    def to_payload(self, value: Any) -> Payload | None:
        """Write a value; raises PayloadTooLargeError, in an activity as an error that is final."""
        payload = super().to_payload(value)
        if payload is None or len(payload.data) <= MAX_PAYLOAD:
            return payload
        message = (
            f"{type(value).__name__} takes {len(payload.data):,} bytes, at most {MAX_PAYLOAD:,} are"
            " allowed: store it elsewhere and pass on where it is"
        )
        if activity.in_activity():
            raise ApplicationError(message, type=PayloadTooLargeError.__name__, non_retryable=True)
        raise PayloadTooLargeError(message)

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        """Read a value; raises InvalidInputError or ValidationError if it does not fit."""
        try:
            return super().from_payload(payload, type_hint)
        except ValidationError as error:
            if isinstance(self._context, WorkflowSerializationContext):
                raise InvalidInputError(str(error)) from error
            raise


CONVERTERS = tuple(
    JsonConverter() if isinstance(converter, JSONPlainPayloadConverter) else converter
    for converter in DefaultPayloadConverter.default_encoding_payload_converters
)
"""The SDK's converters, with ours for JSON."""


class PayloadConverter(CompositePayloadConverter):
    """All of them; the SDK makes one for every workflow, activity and task."""

    def __init__(self) -> None:
        super().__init__(*CONVERTERS)
