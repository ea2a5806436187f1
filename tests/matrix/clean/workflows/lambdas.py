"""Functions within functions."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.activities.ticket_activities import (
        TicketActivities,
    )
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketRef,
        TicketResult,
    )

STEP = workflow.ActivityConfig(
    start_to_close_timeout=timedelta(seconds=10),
    retry_policy=RetryPolicy(maximum_attempts=5),
)


@workflow.defn
class LambdasWorkflow:
    """Functions within functions."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""

        def is_known(name: str) -> bool:
            return name.startswith("team-")

        teams = list(filter(is_known, ticket.watchers))
        teams.sort(key=lambda name: (len(name), name))
        for team in teams:
            ref = TicketRef(ticket_id=team)
            await workflow.execute_activity_method(TicketActivities.close_ticket, ref, **STEP)
        return TicketResult(ticket_id=ticket.ticket_id)
