"""Search attributes as it goes on."""

from temporalio import workflow
from temporalio.common import SearchAttributeKey

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

ATTEMPT = SearchAttributeKey.for_int("Attempt")


@workflow.defn
class AttributesWorkflow:
    """Search attributes as it goes on."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        attempt = workflow.info().attempt
        workflow.upsert_search_attributes([ATTEMPT.value_set(attempt)])
        workflow.upsert_memo({"watchers": len(ticket.watchers)})
        await workflow.execute_activity_method(
            TicketActivities.close_ticket, TicketRef(ticket_id=ticket.ticket_id), **policies.STEP
        )
        return TicketResult(ticket_id=ticket.ticket_id)
