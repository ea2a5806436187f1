"""A shell on a terminal, and a picture of what stands there."""

import io
import re
import time
from itertools import groupby
from pathlib import Path
from typing import Self

import pexpect
import pyte
from pyte.screens import Char
from rich.console import CONSOLE_SVG_FORMAT, Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tests.conftest import OUTSIDE

# Without fonts from elsewhere, which a picture does not load.
FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code, monospace", "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"
)

LIGHT = TerminalTheme(
    (246, 248, 250),
    (31, 35, 40),
    [
        (31, 35, 40),  # black
        (207, 34, 46),  # red
        (26, 127, 55),  # green
        (154, 103, 0),  # yellow
        (9, 105, 218),  # blue
        (130, 80, 223),  # magenta
        (27, 124, 131),  # cyan
        (110, 119, 129),  # white
    ],
    # Brighter than these only black is used.
    [(110, 119, 129), *[(31, 35, 40)] * 7],
)


class Terminal:
    """A shell in a folder, whose prompt names neither the folder nor the machine."""

    def __init__(self, folder: Path, columns: int, rows: int, **environment: str) -> None:
        """Start the shell."""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        environment |= {"PS1": "$ ", "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"}
        environment["PROMPT_TOOLKIT_COLOR_DEPTH"] = "DEPTH_4_BIT"  # those that a theme can name
        self._shell = pexpect.spawn(
            "bash",
            ["--norc", "--noprofile"],
            cwd=str(folder),
            env={**OUTSIDE, **environment},
            encoding="utf-8",
            dimensions=(rows, columns),
        )

    def __enter__(self) -> Self:
        """Wait for the shell."""
        self.wait("$ ")
        return self

    def __exit__(self, *_: object) -> None:
        """End the shell, and what it runs."""
        self._shell.close(force=True)

    def type(self, text: str) -> None:
        """Press keys."""
        self._shell.send(text)

    def wait(self, text: str, seconds: float = 30) -> None:
        """Wait until a text stands on the screen; an error says what stood there instead."""
        end = time.monotonic() + seconds
        while text not in "\n".join(self._screen.display):
            if time.monotonic() > end:
                raise TimeoutError("\n".join(self._screen.display))
            try:
                self._stream.feed(self._shell.read_nonblocking(65536, timeout=0.2))
            except pexpect.TIMEOUT:
                continue

    def picture(self) -> bytes:
        """What stands on the screen, as SVG."""
        console = Console(
            record=True, file=io.StringIO(), width=self._screen.columns, color_system="standard"
        )
        lines = [self._line(row) for row in range(self._screen.lines)]
        while not lines[-1].plain.strip():
            lines.pop()
        console.print(*lines, sep="\n", no_wrap=True, overflow="crop", soft_wrap=False)
        svg = console.export_svg(title="", theme=LIGHT, code_format=FORMAT, unique_id="t")
        return svg.replace("rgba(255,255,255,0.35)", "#d0d7de").encode()  # a frame that is seen

    def _line(self, row: int) -> Text:
        """A line of the screen. What is wide has no neighbours, whose place it would take otherwise."""
        line = Text()
        cells = [self._screen.buffer[row][column] for column in range(self._screen.columns)]
        for (style, _wide), group in groupby(
            zip(cells, [*cells[1:], self._screen.default_char], strict=True),
            key=lambda pair: (style_of(pair[0]), pair[1].data == ""),
        ):
            line.append("".join(cell.data for cell, _ in group), style)
        line.rstrip()
        return line


def style_of(cell: Char) -> Style:
    """How a cell looks."""
    return Style(
        color=color(cell.fg),
        bgcolor=color(cell.bg),
        bold=cell.bold,
        italic=cell.italics,
        underline=cell.underscore,
        reverse=cell.reverse,
    )


def color(name: str) -> str | None:
    """A colour as Rich calls it."""
    if name == "default":
        return None
    name = name.replace("brown", "yellow").replace("bright", "bright_")
    return f"#{name}" if re.fullmatch("[0-9a-f]{6}", name) else name
