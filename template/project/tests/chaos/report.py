"""What the drills have found, as a table, as Markdown and as JSON."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """A drill, what it promises, and whether that was kept."""

    drill: str
    promise: str
    seconds: float
    faults: list[str]
    figures: dict[str, str]

    @property
    def kept(self) -> str:
        """What is to be said of the promise."""
        return "BROKEN" if self.faults else "kept"


@dataclass
class Report:
    """All of them, and what they were not able to show."""

    seed: str
    skipped: dict[str, str]
    rows: list[Row] = field(default_factory=list)

    @property
    def broken(self) -> bool:
        """Whether a promise was broken."""
        return any(row.faults for row in self.rows)

    def markdown(self) -> str:
        """The report for people."""
        lines = ["| drill | promise | kept? | figures |", "| --- | --- | --- | --- |"]
        for row in self.rows:
            figures = ", ".join(f"{name} {value}" for name, value in row.figures.items())
            cells = (row.drill, row.promise, row.kept, f"{row.seconds:.0f} s: {figures}")
            lines.append(f"| {' | '.join(cells)} |")
        for row in self.rows:
            if row.faults:
                lines += ["", f"{row.drill} broke its promise:", ""]
                lines += [f"- {fault}" for fault in row.faults]
        if self.skipped:
            lines += ["", "Not drilled:", ""]
            lines += [f"- {name}: {reason}" for name, reason in self.skipped.items()]
        busy = f"{os.getloadavg()[0]:.0f} programs wanted to run on {os.cpu_count()} cores"
        return "\n".join([*lines, "", f"Seed: {self.seed}", "", f"At the end {busy}.", ""])

    def write(self, folder: Path) -> None:
        """Write both reports into a folder."""
        (folder / "report.md").write_text(self.markdown(), "utf-8")
        text = json.dumps(asdict(self) | {"broken": self.broken}, indent=2, ensure_ascii=False)
        (folder / "report.json").write_text(text + "\n", "utf-8")
