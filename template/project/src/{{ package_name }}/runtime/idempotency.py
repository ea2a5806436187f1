"""Keys by which other systems recognise a repeated call."""

from hashlib import sha256

from temporalio import activity


def idempotency_key(step: str, target: str = "", workflow_id: str | None = None) -> str:
    """The key of a step of the workflow that runs the present activity, or of the one with this id.

    It is the same for every attempt, and after a reset of the workflow. A step that a workflow does
    several times needs a `target` that tells one from the other, such as an address; the key holds
    only its digest.
    """
    digest = f":{sha256(target.encode()).hexdigest()[:16]}" if target else ""
    return f"{workflow_id or activity.info().workflow_id}:{step}{digest}"
