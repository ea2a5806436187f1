"""Modules like those of a project, of different weight, that a workflow imports passed through or not."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parent / "generated"

FIELDS = """
    number: int
    name: str
    tags: list[str]
    prices: dict[str, float]
    parent: str | None
"""
IMPORTED = {
    "1 model": "from pydantic import BaseModel\n\nclass Model0(BaseModel):" + FIELDS,
    "30 dataclasses": "from dataclasses import dataclass\n"
    + "".join(f"\n@dataclass\nclass Model{n}:{FIELDS}" for n in range(30)),
    "30 pydantic models": "from pydantic import BaseModel\n"
    + "".join(f"\nclass Model{n}(BaseModel):{FIELDS}" for n in range(30)),
    "activities with third-party packages": (
        "import psutil\nimport pybreaker\nimport starlette.applications\nimport yaml\n"
    ),
}
"""The text of the module that a workflow imports, by what it is."""

WORKFLOW = """
from temporalio import workflow

{guard}
    from dev.bench.generated.{imported} import NAME
    from dev.bench.sample import Job, Receipt, SampleWorkflow

@workflow.defn(name="Bench")
class GeneratedWorkflow(SampleWorkflow):
    @workflow.run
    async def run(self, job: Job) -> Receipt:
        return await super().run(job)
"""
GUARDS = {True: "with workflow.unsafe.imports_passed_through():", False: "if True:"}


def workflow_module(kind: str, passed_through: bool) -> ModuleType:
    """A module with `GeneratedWorkflow`, which imports a module of that kind."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "__init__.py").touch()
    imported = "imported_" + kind.replace(" ", "_").replace("-", "_")
    name = f"{imported}_{'passed' if passed_through else 'not_passed'}"
    (FOLDER / f"{imported}.py").write_text(IMPORTED[kind] + "\nNAME = 1\n", "utf-8")
    text = WORKFLOW.format(guard=GUARDS[passed_through], imported=imported)
    (FOLDER / f"{name}.py").write_text(text, "utf-8")
    return import_module(f"dev.bench.generated.{name}")
