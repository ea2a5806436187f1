"""A contract for import-linter that none of its own types can express: one about file names."""

from collections.abc import Iterator
from typing import NamedTuple

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields
from importlinter.application import contract_utils
from importlinter.application.output import console

from dev.layout import ENDINGS


class Violation(NamedTuple):
    """An import that is not allowed."""

    importer: str
    imported: str
    line: int


class DomainContract(Contract):
    """A module of a domain is imported by that domain only, unless it lies in `contracts`.

    Modules that belong to no domain import none either: that would be a way around.
    """

    type_name = "domains"

    ignore_imports = fields.SetField(subfield=fields.ImportExpressionField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Find every import from one domain into another."""
        warnings = contract_utils.remove_ignored_imports(
            graph,
            self.ignore_imports,  # type: ignore[arg-type]  # the type of a field is not its value's
            contract_utils.AlertLevel.ERROR,
        )
        violations = sorted(self._violations(graph))
        return ContractCheck(
            kept=not violations, warnings=warnings, metadata={"violations": violations}
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print a line for each import that is not allowed."""
        for importer, imported, line in check.metadata["violations"]:
            path = f"src/{importer.replace('.', '/')}.py:{line}"
            console.print(f"{path} imports {imported}{hint(importer, imported)}", soft_wrap=True)
        console.print("Call another domain by its module in `contracts`, as a child workflow.")

    def _violations(self, graph: ImportGraph) -> Iterator[Violation]:
        for imported in graph.modules:
            owner = domain_of(imported, graph)
            if owner is None or ".contracts." in imported:
                continue
            for importer in graph.find_modules_that_directly_import(imported):
                if domain_of(importer, graph) != owner:
                    details = graph.get_import_details(importer=importer, imported=imported)
                    yield Violation(importer, imported, details[0]["line_number"])


def domain_of(module: str, graph: ImportGraph) -> str | None:
    """The domain to which a module belongs by its name, if there is a worker for it."""
    match module.split("."):
        case [root, package, name] if package in ENDINGS and name.endswith(ENDINGS[package]):
            domain = name.removesuffix(ENDINGS[package])
            return domain if f"{root}.workers.{domain}_worker" in graph.modules else None
        case _:
            return None


def hint(importer: str, imported: str) -> str:
    """What to do if it is only the name of a file that puts it into no domain."""
    _, package, *_, name = importer.split(".")
    if package not in ENDINGS or name.endswith(ENDINGS[package]):
        return ""
    _, owner, *_, module = imported.split(".")
    domain = module.removesuffix(ENDINGS[owner])
    return f": if it belongs to {domain}, name this file {domain}{ENDINGS[package]}.py"
