"""Which domain is meant: what the command line says is judged, what it does not say is asked for."""

import questionary

from dev.layout import task_queue
from dev.template import interview

GUIDE = "docs/how-to/add-or-remove-a-domain.md"


def refuse_known(name: str, domains: dict[str, str]) -> None:
    """Exit if a new domain cannot have a name, for there is a domain of that name."""
    if name in domains:
        raise SystemExit(
            f"There is a domain {name} already, a {domains[name]}. Its recipe is what it began with,"
            f" and does not change: add another domain, and move your code there ({GUIDE})."
        )
    refuse_taken(name, domains)


def refuse_taken(name: str, domains: dict[str, str]) -> None:
    """Exit if a name is taken, or still served by a domain that was once called so."""
    if "," in name or ":" in name:
        raise SystemExit(f"Name one domain, and its recipe apart from it: {name}")
    if name in domains:
        raise SystemExit(f"There is a domain {name} already: choose another name.")
    for other in domains:
        if task_queue(other) == name.replace("_", "-"):
            raise SystemExit(f"{other} serves the task queue {task_queue(other)}: choose another.")


def refuse_unknown(name: str, domains: dict[str, str]) -> None:
    """Exit with the list of domains if there is none of that name."""
    if name not in domains:
        raise SystemExit(f"There is no domain {name!r}. Domains: {', '.join(domains)}")


def refuse_unset(example: str, **variables: str) -> None:
    """Exit if a variable of make is not set, with an example of the command."""
    for name, value in variables.items():
        if not value:
            raise SystemExit(f"{name} is not set: {example}")


def ask_name(domains: dict[str, str], an_example: str) -> str:
    """Ask for the name of a domain until the interview has nothing against it."""
    while True:
        name = answered(questionary.text("What is the domain called?").ask()).strip()
        try:
            refuse_known(name, domains)
            interview({**domains, name: an_example})
        except SystemExit as problem:
            print(problem)
        else:
            return name


def ask_recipe(lines: dict[str, str]) -> str:
    """Ask for a recipe, to be chosen with the arrow keys; `lines` explain them by their names."""
    choices = [questionary.Choice(line, recipe) for recipe, line in lines.items()]
    return answered(questionary.select("What does it start from?", choices).ask())


def confirm(question: str) -> None:
    """Exit unless the answer is yes."""
    if not questionary.confirm(question, default=True).ask():
        raise SystemExit("Nothing was changed.")


def answered(answer: str | None) -> str:
    """An answer; exits if there is none, after Ctrl-C."""
    if answer is None:
        raise SystemExit("Nothing was changed.")
    return answer
