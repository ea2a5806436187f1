"""Results as Markdown: medians, and how far they were apart."""

from collections.abc import Callable, Iterable, Sequence
from statistics import linear_regression, median
from typing import Any

Found = dict[str, Any]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lines of a table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, with the lowest and the highest."""
    middle, low, high = (f"{v:.{digits}f}" for v in (median(values), min(values), max(values)))
    return f"**{middle}** ({low} to {high})"


def machine(found: Found) -> str:
    """Where and when it was measured."""
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    before, after = (" and ".join(map(str, found[f"load_{when}"])) for when in ("before", "after"))
    return (
        f"Measured {found['at'][:10]} on {found['cores']} cores with Python {found['python']}, {versions}; load of the machine"
        f" over 1 and 15 minutes {before} before, {after} after."
    )


def generation(found: Found) -> dict[str, str]:
    """The three tables about copies."""
    return {
        "copies": copies(found["copies"]),
        "growth": growth(found["growth"]),
        "green": table(
            ("copy, s", "`make setup`, s", "`make test`, s", "together, s"),
            [
                [
                    *(f"{s:.1f}" for s in found["green"].values()),
                    f"{sum(found['green'].values()):.0f}",
                ]
            ],
        ),
    }


Costs = list[dict[str, float]]


def copies(found: dict[str, Costs]) -> str:
    """A row a template."""
    floor, same = found["one file"], found["plain files"]

    def compared(one: Costs, other: Costs, what: str) -> str:
        if one is other:
            return "1"
        return spread([mine[what] / its[what] for mine, its in zip(one, other, strict=True)])

    def each_file(one: Costs, what: str) -> str:
        if one is floor:
            return ""
        both = zip(one, floor, strict=True)
        return spread([1000 * (mine[what] - its[what]) / mine["files"] for mine, its in both], 1)

    rows = [
        [
            "**this template**" if name == "ours" else name,
            str(one[0]["files"]),
            f"{middle(one, 'wall'):.2f}",
            compared(one, same, "wall"),
            compared(one, same, "cpu"),
            compared(one, floor, "wall"),
            each_file(one, "wall"),
            each_file(one, "cpu"),
            f"{max(cost['memory'] for cost in one):.0f}",
        ]
        for name, one in found.items()
    ]
    header = (
        *("template", "files", "s", "to plain files", "CPU, to plain files", "to one file"),
        *("ms a file over one file", "the same in CPU", "memory, MB"),
    )
    return table(header, rows)


def middle(costs: Costs, what: str) -> float:
    """The median of what copies took."""
    return median(cost[what] for cost in costs)


def growth(found: dict[str, Costs]) -> str:
    """A row a number of domains, and the slopes."""
    files = [costs[0]["files"] for costs in found.values()]
    seconds, cpu = ([middle(costs, what) for costs in found.values()] for what in ("wall", "cpu"))
    slope, start = linear_regression(files, seconds)
    slope_of_cpu, start_of_cpu = linear_regression(files, cpu)
    rows = [
        [
            domains,
            str(count),
            f"{wall:.2f}",
            f"{1000 * wall / count:.1f}",
            f"{spent:.2f}",
            f"{1000 * spent / count:.1f}",
            f"{spent / (start_of_cpu + slope_of_cpu * count):.2f}",
            f"{max(cost['memory'] for cost in costs):.0f}",
        ]
        for (domains, costs), count, wall, spent in zip(
            found.items(), files, seconds, cpu, strict=True
        )
    ]
    header = (
        *("domains", "files", "s", "ms a file", "CPU, s", "CPU, ms a file"),
        *("CPU, to its straight line", "memory, MB"),
    )
    return (
        f"{table(header, rows)}\n\nStraight lines: {start:.1f} s and {1000 * slope:.1f} ms a file;"
        f" in CPU {start_of_cpu:.1f} s and {1000 * slope_of_cpu:.1f} ms a file."
    )


METRICS = {
    "throughput": "throughput",
    "p50": "p50",
    "p99": "p99",
    "wait_p99": "wait p99",
    "worker_cpu": "worker CPU",
    "server_cpu": "server CPU",
}


def ratios(found: list[Found]) -> str:
    """A row a worker: its ratios to what ran beside it."""
    by_name: dict[str, list[Found]] = {}
    for each in found:
        by_name.setdefault(each["name"], []).append(each)
    rows = [
        [
            name,
            str(len(pairs)),
            *(spread([each["run"][m] / each["other"][m] for each in pairs]) for m in METRICS),
        ]
        for name, pairs in by_name.items()
    ]
    return table(["ratio to the bare worker", "pairs", *METRICS.values()], rows)


def others(found: list[Found]) -> str:
    """What else ran meanwhile, and the absolute numbers of what was compared with."""
    runs = [each[which] for each in found for which in ("run", "other")]
    bare = [each["other"] for each in found if each["base"] == "bare"]
    values = {name: median(run[name] for run in bare) for name in METRICS}
    return (
        f"The bare worker: {values['throughput']:.0f} workflows/s, end to end p50 {ms(values['p50'])} and p99"
        f" {ms(values['p99'])}, wait of workflow tasks p99 {ms(values['wait_p99'])}, CPU a workflow"
        f" {ms(values['worker_cpu'])} of the worker and {ms(values['server_cpu'])} of the server. Other programs took"
        f" {spread([run['others'] for run in runs], 1)} cores meanwhile."
    )


def ms(seconds: float) -> str:
    """Seconds in milliseconds."""
    return f"{1000 * seconds:.0f} ms"


def worker(found: list[Found]) -> dict[str, str]:
    """The template's worker."""
    return {"ratios": ratios(found), "bare": others(found)}


def tuning(found: list[Found]) -> dict[str, str]:
    """One option after another."""
    return {
        "ratios": ratios(found),
        "bare": others(found),
    }


def start(found: Found) -> dict[str, str]:
    """Starts of workflows, and of a worker."""
    minimal = found["workflows"]["minimal"]
    workflows = [
        [name, f"{median(costs):.1f}", spread([c / m for c, m in zip(costs, minimal, strict=True)])]
        for name, costs in found["workflows"].items()
    ]
    imports = [
        [
            kind,
            *(f"{median(costs):.1f}" for costs in by_way.values()),
            spread([a / b for a, b in zip(by_way["not passed"], by_way["passed"], strict=True)], 1),
        ]
        for kind, by_way in found["imports"].items()
    ]
    constructions = [
        [f"{kind} build id", spread(found["construction"][kind], 0)]
        for kind in ("explicit", "default")
    ]
    return {
        "workflows": table(("workflow", "ms of CPU", "to the minimal one"), workflows),
        "imports": table(
            (
                "what the workflow imports, ms of CPU",
                *("not passed through", "passed through", "without sandbox", "not to passed"),
            ),
            imports,
        ),
        "construction": table(("`Worker(...)`", "ms"), constructions),
    }


def replay(found: dict[str, list[float]]) -> dict[str, str]:
    """Short and long histories."""
    rows = [
        [events, spread(speeds, 1), f"{int(events) * median(speeds):.0f}"]
        for events, speeds in found.items()
    ]
    return {"speed": table(("events", "histories/s", "events/s"), rows)}


PARTS: dict[str, Callable[[Any], dict[str, str]]] = {
    "generation": generation,
    "worker": worker,
    "tuning": tuning,
    "start": start,
    "replay": replay,
}
