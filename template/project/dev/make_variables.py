"""The variables of a command of make, which hands them over as options of the same names."""

import argparse
from collections.abc import Callable, Iterable
from typing import Any, NoReturn


class MakeVariables(argparse.ArgumentParser):
    """Reads them; where one is of no use, a line says what would be, and the exit code is 2."""

    def __init__(self, command: str, description: str | None) -> None:
        """Read the variables of `make <command>`."""
        super().__init__(
            prog=f"make {command}",
            description=description,
            allow_abbrev=False,
            exit_on_error=False,
        )

    def add(self, name: str, wanted: str, read: Callable[[str], object], **options: Any) -> None:
        """Know a variable: what is wanted of it, and how its text is read, ValueError if it cannot be."""

        def converted(text: str) -> object:
            try:
                return read(text)
            except ValueError:
                raise argparse.ArgumentTypeError(f"{name}={text}: give {wanted}") from None

        self.add_argument(f"--{name}", type=converted, help=wanted, **options)

    def choose(self, name: str, names: Iterable[str], **options: Any) -> None:
        """Know a variable that is one of these names."""
        known = list(names)

        def chosen(text: str) -> str:
            if text not in known:
                raise ValueError
            return text

        self.add(name, one_of(known), chosen, **options)

    def given(self) -> argparse.Namespace:
        """What was given; exits if something is wrong with it."""
        try:
            return self.parse_args()
        except argparse.ArgumentError as error:
            self.error(error.message)

    def error(self, message: str) -> NoReturn:
        """Exit with nothing but a message."""
        self.exit(2, f"{message}\n")


def one_of(names: Iterable[str]) -> str:
    """What can be chosen."""
    return f"one of {', '.join(names)}"
