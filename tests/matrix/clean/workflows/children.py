"""Several children, left to themselves."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.contracts.reminder_contract import (
        ReminderContract,
    )
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketRef,
        TicketResult,
    )


@workflow.defn
class ChildrenWorkflow:
    """Several children, left to themselves."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        for watcher in ticket.watchers:
            await workflow.start_child_workflow(
                ReminderContract.run,
                TicketRef(ticket_id=watcher),
                id=f"reminder-{watcher}",
                task_queue="reminder",
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            )
        return TicketResult(ticket_id=ticket.ticket_id)
