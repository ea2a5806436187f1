"""The models of `sample.py` as the template writes them."""

from my_temporal_service.models.base import Model


class Job(Model):
    """What a workflow is to do: so many steps."""

    job_id: str
    steps: int


class Receipt(Model):
    """What a step gave."""

    job_id: str
    number: int
