"""Timeouts and retries that domains share; a workflow file names what it needs beyond them.

A workflow varies one with `STEP | {"schedule_to_close_timeout": timedelta(hours=12)}`.
"""

from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

# One call to a service takes 12 seconds at most: 2 to connect, 10 for the answer. With less time, a
# second attempt would begin while the first still calls; with more, a step whose worker was killed
# would only wait longer for its next attempt.
ATTEMPT = timedelta(seconds=15)

# A refusal is final; anything else is tried again until the service answers.
UNTIL_ANSWERED = RetryPolicy(
    maximum_interval=timedelta(minutes=1),
    non_retryable_error_types=["ServiceRefusedError"],
)

# What to use unless there is a reason for another.
STEP = workflow.ActivityConfig(
    start_to_close_timeout=ATTEMPT,
    retry_policy=UNTIL_ANSWERED,
)

# A step that can be undone is given up after a quarter of an hour without an answer. Cancelled, it
# lets the attempt under way end, so that what undoes it comes after it.
COMPENSATED_STEP = workflow.ActivityConfig(
    start_to_close_timeout=ATTEMPT,
    retry_policy=replace(UNTIL_ANSWERED, maximum_attempts=20),
    cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
)

# A compensation never gives up, not even if it is refused: what it left behind would be somebody's
# money or goods.
COMPENSATION = workflow.ActivityConfig(
    start_to_close_timeout=ATTEMPT,
    retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=5)),
)
