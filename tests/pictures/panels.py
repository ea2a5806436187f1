"""Run inside a project that `watched_workers.py` has watched: draws its dashboards (`make pictures`).

    python panels.py <folder>

Grafana itself is no package that could be installed here: the places, queries, names and limits are those of
the dashboards, the look is matplotlib's.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from dev.watched_workers import asked
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

COLUMNS = 24
INCH = 0.5  # of a column
ROW = 0.36  # inches
UNITS = {
    "s": lambda value: f"{value * 1000:.0f} ms" if value < 1 else f"{value:.3g} s",
    "percentunit": lambda value: f"{value * 100:.3g} %",
    "ops": lambda value: f"{value:.3g}/s",
    "none": lambda value: f"{value:.5g}",
}


def label(legend: str, metric: dict[str, str]) -> str:
    """The name of a line."""
    return re.sub(r"{{(\w+)}}", lambda found: metric.get(found[1], ""), legend).strip()


def graph(axes: Axes, panel: dict[str, Any], answers: list[tuple[str, list[Any]]]) -> None:
    """Lines over time."""
    shown = UNITS[panel["fieldConfig"]["defaults"]["unit"]]
    ends = [float(each["values"][-1][0]) for _, series in answers for each in series]
    for legend, series in answers:
        for each in series:
            times = [(float(at) - max(ends)) for at, _ in each["values"]]
            values = [float(value) for _, value in each["values"]]
            style = {"color": "#e02f44", "dashes": (4, 4)} if legend == "limit" else {}
            axes.plot(times, values, linewidth=1.2, label=label(legend, each["metric"]), **style)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: shown(value)))
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f} min"))
    axes.grid(visible=True, linewidth=0.5, color="#e4e7eb")
    if 0 < len(axes.lines) <= 12:
        longest = max(len(str(line.get_label())) for line in axes.lines)
        axes.legend(
            fontsize=7,
            ncols=max(1, min(3, 60 // (longest + 3))),
            frameon=False,
            loc="upper left",
            bbox_to_anchor=(-0.02, -0.1),
            columnspacing=1,
            handlelength=1.2,
            handletextpad=0.4,
            labelspacing=0.3,
        )


def number(axes: Axes, panel: dict[str, Any], answers: list[tuple[str, list[Any]]]) -> None:
    """The last value, in the colour of its threshold."""
    value = float(answers[0][1][0]["values"][-1][1])
    defaults = panel["fieldConfig"]["defaults"]
    steps = defaults["thresholds"]["steps"]
    color = [step["color"] for step in steps if value >= (step.get("value") or 0)][-1]
    axes.text(
        *(0.5, 0.45, UNITS[defaults["unit"]](value)),
        fontsize=22,
        color={"green": "#3f8f3a", "red": "#e02f44"}[color],
        ha="center",
        va="center",
    )
    axes.set(xticks=[], yticks=[])


def table(axes: Axes, answers: list[tuple[str, list[Any]]]) -> None:
    """The alerts that fire in the end."""
    series = answers[0][1]
    last = max((float(each["values"][-1][0]) for each in series), default=0)
    rows = sorted(
        (each["metric"].get("severity", ""), each["metric"]["alertname"], queue)
        for each in series
        if float(each["values"][-1][0]) == last
        and (queue := each["metric"].get("task_queue")) is not None
    )
    more = [("", f"and {len(rows) - 6} more", "")] if len(rows) > 6 else []
    for line, row in enumerate(rows[:6] + more):
        for column, text in enumerate(row):
            axes.text(0.01 + 0.15 * column * (1 + column / 2), 0.86 - 0.14 * line, text, fontsize=8)
    axes.set(xticks=[], yticks=[])


def draw(dashboard: dict[str, Any], seen: dict[str, list[Any]], file: Path) -> None:
    """One dashboard as a picture."""
    height = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in dashboard["panels"]) + 2
    figure = plt.figure(figsize=(COLUMNS * INCH, height * ROW), facecolor="#f4f5f5")
    figure.text(0.005, 1 - 0.7 / height, dashboard["title"], fontsize=14)
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        if panel["type"] == "row":
            figure.text(0.005, 1 - (at["y"] + 1.75) / height, panel["title"], fontsize=11)
            continue
        axes = figure.add_axes(
            (
                (at["x"] + (1.1 if panel["type"] == "timeseries" else 0.1)) / COLUMNS,
                1 - (at["y"] + at["h"] + (-0.6 if panel["type"] == "timeseries" else 0.8)) / height,
                (at["w"] - (1.4 if panel["type"] == "timeseries" else 0.2)) / COLUMNS,
                (at["h"] - (3.2 if panel["type"] == "timeseries" else 1.0)) / height,
            ),
            facecolor="white",
        )
        axes.set_title(panel["title"], fontsize=9, loc="left", pad=4)
        axes.tick_params(labelsize=7, length=0)
        for spine in axes.spines.values():
            spine.set_color("#dcdfe3")
        queue = 'task_queue="order"'
        answers = [
            (target.get("legendFormat", ""), seen[asked(target["expr"], queue)])
            for target in panel["targets"]
        ]
        match panel["type"]:
            case "timeseries":
                graph(axes, panel, answers)
            case "stat":
                number(axes, panel, answers)
            case "table":
                table(axes, answers)
    figure.savefig(file, dpi=100)


def main(folder: Path) -> None:
    """Draw all dashboards with what was seen."""
    seen = json.loads(Path("build/watched.json").read_text("utf-8"))
    for file in sorted(Path("deploy/monitoring/grafana/dashboards").glob("*.json")):
        target = folder / f"dashboard-{file.stem}.png"
        draw(json.loads(file.read_text("utf-8")), seen, target)
        print(f"{target}: {target.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
