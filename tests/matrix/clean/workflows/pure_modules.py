"""Modules that are the same everywhere."""

import hashlib
import heapq
import json
import math
import re
import textwrap

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from my_temporal_service.models.ticket_models import (
        TicketInput,
        TicketResult,
    )

SALT = b"ticket"


@workflow.defn
class PureModulesWorkflow:
    """Modules that are the same everywhere."""

    @workflow.run
    async def run(self, ticket: TicketInput) -> TicketResult:
        """Answer it."""
        digest = hashlib.sha256(SALT).hexdigest()
        first = heapq.nsmallest(2, ticket.watchers)
        shown = textwrap.shorten(json.dumps(first), 80)
        if re.match("team-", ticket.ticket_id) and len(digest) < math.inf:
            workflow.logger.info("%s: %s", digest, shown)
        return TicketResult(ticket_id=ticket.ticket_id)
