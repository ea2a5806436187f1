"""Answers as they come."""

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
class AsCompletedWorkflow:
    """Answers as they come."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        answers = 0
        steps = [
            workflow.start_activity_method(
                TicketActivities.write_answer, TicketRef(ticket_id=watcher), **policies.STEP
            )
            for watcher in ticket.watchers
        ]
        for step in workflow.as_completed(steps):
            await step
            answers += 1
        return TicketResult(ticket_id=ticket.ticket_id, answers=answers)
