"""What the workflows of a sample do undisturbed, and what is wrong with those that were disturbed."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from dev.domains import Domain
from dev.services import Effect, Ledger
from tests.chaos.workload import Ended, Performance, Sample

REHEARSAL_SECONDS = 60
MESSAGES = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
}
STEPS = {EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED}


class Effects(NamedTuple):
    """How often each step of a workflow took effect, and how much of it was not undone."""

    happened: Counter[str]
    left: Counter[str]

    @classmethod
    def of(cls, rows: Iterable[Effect], varying: frozenset[str]) -> "Effects":
        """Those in some rows of the ledger, whose keys are `<workflow id>:<step>[:<target>]`."""
        effects = cls(Counter(), Counter())
        for row in rows:
            step = row.key.partition(":")[2].partition(":")[0]
            if row.happened and step not in varying:
                effects.happened[step] += 1
                effects.left[step] += not row.undone
        return effects


class Expected(NamedTuple):
    """What a sample comes to if nobody disturbs it."""

    outcome: str
    effects: Effects
    has_messages: bool
    has_steps: bool
    """Whether it runs activities, in which a worker can be hit."""


Script = Mapping[Sample, Expected]


async def rehearse(
    client: Client, ledger: Ledger, domains: Iterable[Domain], *, firsts_only: bool = False
) -> tuple[dict[Sample, Expected], dict[str, str]]:
    """Run the samples undisturbed; what they come to, and by their names what cannot be drilled and why.

    The first of each domain runs twice: what is there to be done may be done by then.
    """
    found = {
        domain.name: [Sample(domain, name) for name in domain.samples("")] for domain in domains
    }
    firsts = [samples[0] for samples in found.values() if samples]
    skipped = {name: "it has no samples" for name, samples in found.items() if not samples}
    await asyncio.gather(*(_rehearse(client, sample, "warm-up") for sample in firsts))
    samples = firsts if firsts_only else [each for samples in found.values() for each in samples]
    rehearsed = await asyncio.gather(
        *(_rehearse(client, sample, "rehearsal") for sample in samples)
    )
    by_workflow = _by_workflow(ledger.effects(""))
    script = {}
    for sample, ended in zip(samples, rehearsed, strict=True):
        if isinstance(ended, str):
            skipped[str(sample)] = ended
            continue
        effects = Effects.of(by_workflow[ended.workflow_id], sample.domain.varying)
        handle = client.get_workflow_handle(ended.workflow_id)
        events = {event.event_type async for event in handle.fetch_history_events()}
        messages, steps = bool(events & MESSAGES), bool(events & STEPS)
        script[sample] = Expected(ended.outcome, effects, messages, steps)
    return script, skipped


async def _rehearse(client: Client, sample: Sample, key: str) -> Ended | str:
    """How a sample ends, or why that is not known."""
    performance = await Performance.begin(client, sample, key)
    try:
        async with asyncio.timeout(REHEARSAL_SECONDS):
            return await performance.end()
    except TimeoutError:
        await performance.handle.terminate()
        return f"undisturbed, it does not end within {REHEARSAL_SECONDS} seconds"


def silent_domains(script: Script) -> set[str]:
    """The domains of which the ledger knows nothing: only how their workflows end can be judged."""
    seen = {sample.domain.name for sample, expected in script.items() if expected.effects.happened}
    return {sample.domain.name for sample in script} - seen


def all_or_nothing(script: Script) -> set[str]:
    """The domains whose samples leave nothing behind unless they complete."""
    failing = [
        sample
        for sample, expected in script.items()
        if expected.outcome != "completed" and expected.effects.happened
    ]
    partial = {sample.domain.name for sample in failing if +script[sample].effects.left}
    return {sample.domain.name for sample in failing} - partial


def faults(script: Script, ended: Iterable[Ended], rows: Iterable[Effect]) -> list[str]:
    """What is lost, doubled or left behind, by the ends of all workflows and what their services did."""
    by_workflow = _by_workflow(rows)
    found = []
    for end in ended:
        effects = Effects.of(by_workflow.pop(end.workflow_id, []), end.sample.domain.varying)
        found += [
            f"{end.sample} {end.workflow_id}: {fault}" for fault in _faults(script, end, effects)
        ]
    return found + [
        f"{workflow_id}: the services did {len(rows)} things for a workflow that nobody started"
        for workflow_id, rows in by_workflow.items()
    ]


def _faults(script: Script, end: Ended, effects: Effects) -> list[str]:
    expected = script[end.sample]
    found = [
        f"{step} took effect {count} times"
        for step, count in effects.happened.items()
        if count > max(1, expected.effects.happened[step])
    ]
    if end.late:
        return found
    if end.withdrawn and end.outcome != expected.outcome:
        return found + [f"{end.outcome}, but {step} is left" for step in +effects.left]
    if end.outcome != expected.outcome:
        found.append(f"{end.outcome} instead of {expected.outcome}")
    lost = expected.effects.left - effects.left
    kept = effects.left - expected.effects.left
    return found + [f"{step} is lost" for step in lost] + [f"{step} is left" for step in kept]


def _by_workflow(rows: Iterable[Effect]) -> defaultdict[str, list[Effect]]:
    found = defaultdict(list)
    for row in rows:
        found[row.key.partition(":")[0]].append(row)
    return found
