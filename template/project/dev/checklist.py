"""The items of CHECKLIST.md, each with the state of its gates: as Markdown, or with colours on a terminal.

The arguments are the gates that `make check` runs. In CI, RESULTS says what other jobs found, such as
`check=success test=failure`: that is not run again.
"""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from dev.layout import ROOT

ROW = re.compile(r"^\| ([A-Z]+\d+) \| (.*?) \|(.*?)\|(.*?)\|$", re.MULTILINE)

# How a finding is accepted where it stands, with the reason.
ACCEPTED = re.compile(
    r"# (noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)*|ast-grep-ignore: \S+(?:, \S+)*|type: ignore\[\S+\]"
    r"|kingfisher:ignore)(.*)$"
)

COUNTS = {"C": 9, "D": 8, "M": 7, "T": 7, "RW": 9, "RA": 7, "RK": 6}
"""How many items there are, by how their ids begin; a project may have others beside them."""

COLORS = {"green": 32, "red": 31, "off": 90}
"""What a terminal calls them; the last is grey."""


class Item(NamedTuple):
    """A row: what is asked for, where it is met, and what turns red if it is violated."""

    id: str
    requirement: str
    places: str
    gates: str

    @property
    def targets(self) -> list[str]:
        """The gates that exist."""
        return re.findall(r"`(.+?)`", self.gates)

    def state(self, green: dict[str, bool]) -> str:
        """What is to be said of it, if that is the state of the gates."""
        if not self.targets:
            return "off" if self.gates.startswith("off") else "red"
        return "green" if all(green[target] for target in self.targets) else "red"


def read_items() -> list[Item]:
    """The items in the order of the file."""
    text = (ROOT / "CHECKLIST.md").read_text("utf-8")
    return [Item(*(cell.strip() for cell in row)) for row in ROW.findall(text)]


def missing(items: Iterable[Item]) -> list[str]:
    """The items that somebody removed."""
    present = {item.id for item in items}
    wanted = (f"{kind}{number + 1}" for kind, count in COUNTS.items() for number in range(count))
    return [id_ for id_ in wanted if id_ not in present]


def is_green(gate: str) -> bool:
    """Run a gate; what it says goes to stderr if it fails."""
    print(f"make {gate} ...", file=sys.stderr, flush=True)
    done = subprocess.run(
        ["make", "--no-print-directory", gate],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stdout)
    return done.returncode == 0


def known() -> dict[str, str]:
    """What the jobs of CI found out, by their names."""
    return dict(word.split("=", 1) for word in os.environ.get("RESULTS", "").split())


def states(gates: Iterable[str], results: dict[str, str]) -> dict[str, bool]:
    """Whether each gate is green, by the results or by running it."""
    green = {gate: result == "success" for gate, result in results.items()}
    if green.pop("check", False):
        green |= dict.fromkeys(sys.argv[1:], True)
    return {gate: green[gate] if gate in green else is_green(gate) for gate in dict.fromkeys(gates)}


def accepted_findings() -> list[str]:
    """The findings that somebody accepted, each with its place and reason."""
    return [
        f"{file.relative_to(ROOT)}:{number} {found[1]}: {found[2].strip(' #-') or 'no reason'}"
        for folder in ("src", "dev", "tests")
        for file in sorted(ROOT.glob(f"{folder}/**/*.py"))
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if (found := ACCEPTED.search(line))
    ]


def table(items: Iterable[Item], green: dict[str, bool]) -> Iterator[str]:
    """A row for each item."""
    yield "| item | state | what it asks for | evidence | gates |"
    yield "| --- | --- | --- | --- | --- |"
    for item in items:
        cells = [item.id, item.state(green), item.requirement, item.places, item.gates]
        yield f"| {' | '.join(cells)} |"


def colored(items: Iterable[Item], green: dict[str, bool]) -> Iterator[str]:
    """A paragraph for each item: its state, then its evidence and gates."""
    indent = " " * 12
    width = shutil.get_terminal_size().columns
    for item in items:
        state = item.state(green)
        held = " by " if item.targets else ", "
        evidence = f"{item.places}{held}{item.gates}".replace("` `", ", ").replace("`", "")
        yield f"{item.id:4} {paint(state, f'{state:5}')}  {item.requirement}"
        lines = textwrap.wrap(
            evidence,
            width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield from (paint("off", line) for line in lines)


def paint(state: str, text: str) -> str:
    """A text in the colour of a state."""
    return f"\033[{COLORS[state]}m{text}\033[0m"


def main() -> None:
    """Print the table and the accepted findings; exit with 1 if an item is red or gone, or a job of CI red."""
    items = read_items()
    results = known()
    green = states(chain(*(item.targets for item in items)), results)
    print("\n".join((colored if sys.stdout.isatty() else table)(items, green)))
    if accepted := accepted_findings():
        print("\nAccepted findings:\n")
        print("\n".join(f"- {finding}" for finding in accepted))
    count = Counter(item.state(green) for item in items)
    others = [f"{count[state]} {state}" for state in ("red", "off") if count[state]]
    if gone := missing(items):
        print("\nGone from CHECKLIST.md: " + ", ".join(gone))
    if failed := [f"{job} {result}" for job, result in results.items() if result != "success"]:
        print("\nJobs of CI: " + ", ".join(failed))
    print("\n" + ", ".join([f"{count['green']} of {len(items)} green", *others]))
    sys.exit(1 if count["red"] or gone or failed else 0)


if __name__ == "__main__":
    main()
