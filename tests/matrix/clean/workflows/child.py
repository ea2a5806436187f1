"""A child workflow of another domain."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.contracts.notification_contract import (
        NotificationContract,
        NotificationInput,
        child_options,
    )
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketResult,
    )


@workflow.defn
class ChildWorkflow:
    """A child workflow of another domain."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        notification = NotificationInput(
            notification_id=ticket.ticket_id, text="Your ticket is closed.", email="ada@example.com"
        )
        await workflow.execute_child_workflow(
            NotificationContract.run, notification, **child_options(notification)
        )
        return TicketResult(ticket_id=ticket.ticket_id)
