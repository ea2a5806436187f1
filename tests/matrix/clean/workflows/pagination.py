"""Pages until there is none."""

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
class PaginationWorkflow:
    """Pages until there is none."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        page = 0
        while page < ticket.rounds:
            ref = TicketRef(ticket_id=f"{ticket.ticket_id}-{page}")
            answer = await workflow.execute_activity_method(
                TicketActivities.find_answer, ref, **policies.STEP
            )
            if answer is None:
                break
            page += 1
        return TicketResult(ticket_id=ticket.ticket_id, answers=page)
