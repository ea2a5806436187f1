"""The activities of `sample.py` as the template writes them; as coroutines too."""

from dev.bench.production_models import Receipt
from temporalio import activity


class Activities:
    """Synchronous, as in every recipe."""

    @activity.defn
    def step(self, receipt: Receipt) -> Receipt:
        """Nothing, in a thread."""
        return receipt


class AsyncActivities:
    """The same without threads."""

    @activity.defn
    async def step(self, receipt: Receipt) -> Receipt:
        """Nothing, as a coroutine."""
        return receipt
