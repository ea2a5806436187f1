"""A worker as the template runs it in production: settings, lifecycle, health, metrics, JSON logs.

`python -m dev.bench.production_worker TASK_QUEUE sync|async`
"""

import sys

import httpx
from dev.bench.production_activities import Activities, AsyncActivities
from dev.bench.production_workflow import ProductionWorkflow
from my_temporal_service.runtime.lifecycle import run_worker
from my_temporal_service.runtime.options import worker_options
from my_temporal_service.runtime.settings import WorkerSettings
from temporalio.client import Client
from temporalio.worker import Worker


def create_worker(client: Client, settings: WorkerSettings, http: httpx.Client) -> Worker:
    queue, kind = sys.argv[1:]
    activities = Activities() if kind == "sync" else AsyncActivities()
    return Worker(
        client,
        task_queue=queue,
        workflows=[ProductionWorkflow],
        activities=[activities.step],
        **worker_options(settings),
    )


if __name__ == "__main__":
    run_worker(create_worker)
