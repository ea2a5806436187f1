"""Keys by which other systems recognise a repeated call."""

from temporalio import activity


def idempotency_key(step: str) -> str:
    """The key of a step of the workflow that runs the present activity.

    It is the same for every attempt, and after a reset of the workflow.
    """
    return f"{activity.info().workflow_id}:{step}"
