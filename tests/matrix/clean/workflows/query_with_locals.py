"""A query that builds its answer from local lists."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.activities.ticket_activities import (
        TicketActivities,
    )
    from my_temporal_service.models.ticket_models import (
        Answer,
        TicketInput,
        TicketRef,
        TicketResult,
    )
    from my_temporal_service.workflows import policies


@workflow.defn
class QueryWithLocalsWorkflow:
    """A query that builds its answer from local lists."""

    def __init__(self) -> None:
        self._told: list[str] = []

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        await workflow.execute_activity_method(
            TicketActivities.close_ticket, TicketRef(ticket_id=ticket.ticket_id), **policies.STEP
        )
        self._told = ticket.watchers[:10]
        return TicketResult(ticket_id=ticket.ticket_id)

    @workflow.query
    def report(self) -> Answer:
        """Who was told."""
        lines = [name.title() for name in self._told]
        lines.append("and everybody else")
        lines.sort()
        return Answer(answer_id="report", text=", ".join(lines))
