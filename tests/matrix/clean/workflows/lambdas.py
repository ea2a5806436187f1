"""Functions within functions."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.activities.ticket_activities import (
        TicketActivities,
    )
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketRef,
        TicketResult,
    )
    from my_temporal_service.workflows import policies


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
            await workflow.execute_activity_method(
                TicketActivities.close_ticket, ref, **policies.STEP
            )
        return TicketResult(ticket_id=ticket.ticket_id)
