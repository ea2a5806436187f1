"""What the steps say: figures, plots, what bound the workers, and what to tune."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import leather

from tests.load.measurements import WAITING_LIMIT, Percentiles, Step
from tests.load.search import capacity, highest, holds

CORES = os.cpu_count() or 1
BUSY = 0.85
"""The share of what there is from which on it is what binds."""

LIMIT = f"{1000 * WAITING_LIMIT:.0f} ms"

SETTINGS = {
    "workflow tasks": "MAX_CONCURRENT_WORKFLOW_TASKS",
    "activities": "MAX_CONCURRENT_ACTIVITIES",
}

Lines = Mapping[str, Sequence[float | None]]
"""The values of each line of a plot, by its name."""

UNITS = "Rates are workflows a second; times p50 / p95 / p99 in milliseconds; CPU is in cores."

METHOD = """\
An open loop: workflows start at moments that were fixed before, and end-to-end latency counts from the moment at which a
workflow was meant to start, unfinished ones included. Each step runs for a while before it is measured.
Waits are from schedule to start, from the histograms of the workers' own `/metrics` (difference of two readings, interpolated
within a bucket; one ends at 100 ms). CPU is in cores, slots and memory are the most that was seen of a worker.
"""


def write(folder: Path, options: Mapping[str, object], steps: Sequence[Step]) -> Path:
    """Write the report in all forms; returns the one for people."""
    steps = sorted(steps, key=lambda step: step.offered)
    best = highest(steps, holds)
    figures = {
        "options": options,
        "cores": CORES,
        "capacity": capacity(steps),
        "highest_rate_that_holds": best.offered if best else None,
        "steps": [asdict(step) | {"holds": step.holds} for step in steps],
    }
    (folder / "report.json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    for name, chart in plots(steps).items():
        chart.to_svg(str(folder / f"{name}.svg"))
    file = folder / "report.md"
    file.write_text(markdown(options, steps), "utf-8")
    return file


def markdown(options: Mapping[str, object], steps: Sequence[Step]) -> str:
    """The report for people."""
    given = " ".join(f"{name}={value}" for name, value in options.items())
    lines = ["# Load", "", f"Measured on {CORES} cores with `{given}`.", "", *summary(steps), ""]
    lines += ["## What bound the workers, and what to tune", ""]
    lines += [f"- {sentence}" for sentence in [*bounds(steps), *sizes(steps)]]
    lines += ["", "## Steps", "", UNITS, "", *table(steps), ""]
    lines += [*(f"![{name}]({name}.svg)" for name in plots(steps)), "", "## Method", "", METHOD]
    return "\n".join(lines)


def summary(steps: Sequence[Step]) -> list[str]:
    """The figures that count."""
    most = f"{capacity(steps):.1f} workflows/s{'' if fell_behind(steps) else ' or more'}"
    best = highest(steps, holds)
    held = f"{best.offered:.1f} workflows/s" if best else "none that was measured"
    return [
        f"- Capacity: **{most}**.",
        f"- Highest rate at which 99 % of the tasks wait for less than {LIMIT}: **{held}**.",
    ]


def fell_behind(steps: Sequence[Step]) -> Step | None:
    """The step in which more was offered than could be done, but not much more."""
    behind = (s for s in steps if not s.keeps_up and s.offered >= capacity(steps))
    return min(behind, key=lambda step: step.offered, default=None)


def too_much(steps: Sequence[Step]) -> Step | None:
    """The step that shows what binds: more than could be done, or than could be done in time."""
    slow = (step for step in steps if not step.holds)
    return fell_behind(steps) or min(slow, key=lambda step: step.offered, default=None)


def bounds(steps: Sequence[Step]) -> list[str]:
    """What was used up, and the settings that change it."""
    top = too_much(steps)
    if top is None:
        return ["Nothing: the workers kept up with all that was offered."]
    found = []
    if top.cpu["services"] > BUSY:
        found.append(
            f"**The stand-in services** took {top.cpu['services']:.2f} cores and have but one thread:"
            " the capacity is theirs, not that of a worker."
        )
    if (top.lateness.p99 or 0) > WAITING_LIMIT:
        found.append(f"**The driver** had too little CPU: it was late by {ms(top.lateness)} ms.")
    if top.worker_cpu > BUSY:
        found.append(
            f"**The CPU of a worker**: {top.worker_cpu:.2f} cores, and Python runs on one. More slots"
            " would only let tasks wait inside it; add workers."
        )
    for kind, slots in top.slots.items():
        if slots.limit and slots.used == slots.limit and top.worker_cpu <= BUSY:
            found.append(
                f"**Slots for {kind}**: all {slots.limit} were taken, with CPU to spare. Try"
                f" `{SETTINGS[kind]}={2 * slots.limit}`, if the services bear it."
            )
    if top.machine > BUSY:
        spent = ", ".join(f"{name} {cores:.2f}" for name, cores in sorted(top.cpu.items()))
        found.append(
            f"**The CPU of this machine**: {top.machine:.0%} of {CORES} cores were in use ({spent})."
            " With a server elsewhere (`TEMPORAL_ADDRESS`), a worker may do more."
        )
    if top.refused:
        found.append(f"**The server** refused {top.refused} calls: it limits their rate.")
    return found or ["**The server**, most likely, for workers, slots and CPU had room left."]


def sizes(steps: Sequence[Step]) -> list[str]:
    """What the steps say of caches, replicas and resources."""
    top = too_much(steps) or steps[-1]
    advice = []
    if top.evicted:
        advice.append(
            f"{top.evicted} workflows were pushed out of the cache, and replayed later. Try"
            f" `MAX_CACHED_WORKFLOWS={2 * top.cached}`, if there is memory."
        )
    if best := highest(steps, holds):
        advice.append(
            f"At {best.offered:.1f} workflows/s the busiest worker took {best.worker_cpu:.2f} cores"
            f" and {best.worker_memory / 1e6:.0f} MB: request that much for it. For more workflows"
            " take more workers."
        )
    foreign = top.machine * CORES - sum(top.cpu.values())
    if foreign > 0.1 * CORES:
        advice.append(
            f"Other programs took {foreign:.1f} of {CORES} cores: repeat it when they rest."
        )
    return advice


def table(steps: Sequence[Step]) -> list[str]:
    """A row for each step."""
    cells = [row(step) for step in steps]
    rows = [list(cells[0]), ["---"] * len(cells[0]), *(list(cell.values()) for cell in cells)]
    return [f"| {' | '.join(row)} |" for row in rows]


def row(step: Step) -> dict[str, str]:
    """What is said of a step, by column."""
    slots = [f"{slots.used} of {slots.limit or 'many'}" for slots in step.slots.values()]
    return {
        "offered": f"{step.offered:.1f}",
        "done": f"{step.achieved:.1f}",
        "failed": ", ".join(f"{n} {why}" for why, n in step.failures.items()) or "0",
        "end to end": ms(step.end_to_end),
        "workflow tasks wait": ms(step.workflow_task_wait),
        "activities wait": ms(step.activity_wait),
        "worker CPU": f"{step.worker_cpu:.2f}",
        "server CPU": f"{step.cpu['server']:.2f}" if "server" in step.cpu else "?",
        "machine CPU": f"{step.machine:.0%}",
        "worker MB": f"{step.worker_memory / 1e6:.0f}",
        "server MB": f"{step.memory['server'] / 1e6:.0f}" if "server" in step.memory else "?",
        f"slots: {', '.join(step.slots)}": ", ".join(slots),
        "cache: workflows, misses": f"{step.cached}, {step.cache_misses}",
        "services answer in": f"{1000 * step.services:.0f}",
        "holds": f"no: {', '.join(step.lacks)}" if step.lacks else "yes",
    }


def ms(seconds: Percentiles) -> str:
    """Percentiles in milliseconds."""
    values = (seconds.p50, seconds.p95, seconds.p99)
    return " / ".join("?" if value is None else f"{1000 * value:.0f}" for value in values)


def plots(steps: Sequence[Step]) -> dict[str, leather.Chart]:
    """What happens as the rate grows, by the name of the file."""
    throughput: Lines = {
        "offered": [step.offered for step in steps],
        "done": [step.achieved for step in steps],
    }
    end_to_end: Lines = {
        "p50": [step.end_to_end.p50 for step in steps],
        "p99": [step.end_to_end.p99 for step in steps],
    }
    waits: Lines = {
        "workflow tasks": [step.workflow_task_wait.p99 for step in steps],
        "activities": [step.activity_wait.p99 for step in steps],
        "limit": [WAITING_LIMIT for _ in steps],
    }
    others = [name for name in steps[0].cpu if "worker" not in name]
    cpu: Lines = {"busiest worker": [step.worker_cpu for step in steps]} | {
        name: [step.cpu[name] for step in steps] for name in others
    }
    rates = [step.offered for step in steps]
    return {
        "throughput": plot("Workflows a second", rates, throughput),
        "end-to-end": plot("Seconds from intended start to end", rates, end_to_end),
        # What is far beyond the limit would hide what is below.
        "waits": plot("Seconds from schedule to start, p99", rates, waits, 5 * WAITING_LIMIT),
        "cpu": plot("CPU in cores", rates, cpu),
    }


def plot(title: str, rates: Sequence[float], lines: Lines, most: float = math.inf) -> leather.Chart:
    """Lines over the rates that were offered; a value above `most` is shown there."""
    chart = leather.Chart(title)
    shown = {
        name: [(rate, min(y, most)) for rate, y in zip(rates, values, strict=True) if y is not None]
        for name, values in lines.items()
    }
    chart.add_x_scale(0, max(rates))
    chart.add_y_scale(0, max((y for line in shown.values() for _, y in line), default=0) or 1)
    chart.add_x_axis(name="workflows offered a second")
    for name, points in shown.items():
        if points:
            chart.add_line(points, name=name)
    return chart
