"""Timeouts and retries that domains share; a workflow file names what it needs beyond them.

A workflow varies one with `STEP | {"schedule_to_close_timeout": timedelta(hours=12)}`.
"""

from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

# A service has 2 seconds to take a call and 10 to answer. With less time than both, a second attempt
# would begin while the first still waits; with more, a step whose worker was killed would only wait
# longer for its next attempt. An answer that comes in pieces, or a call that waits for a connection,
# may take longer than an attempt: the idempotency key then makes two calls side by side harmless.
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

# What is only said to somebody gives up after five attempts, within two minutes: it must not hold up
# what it is about. Await it by best_effort().
MESSAGE = workflow.ActivityConfig(
    start_to_close_timeout=ATTEMPT,
    retry_policy=replace(UNTIL_ANSWERED, maximum_attempts=5),
)

# A compensation never gives up, not even if it is refused: what it left behind would be somebody's
# money or goods. Await it inside of to_the_end(), or a cancellation of the workflow gives it up.
COMPENSATION = workflow.ActivityConfig(
    start_to_close_timeout=ATTEMPT,
    retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=5)),
)
