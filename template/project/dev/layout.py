"""What lies where, and which files are a domain's by their names; tools and checks go by it."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
HISTORIES = "tests/test_replay/histories/"

# How the modules of a domain end in each package; all others of the package belong to no domain.
ENDINGS = {
    "activities": "_activities",
    "api": "_routes",
    "client": "_client",
    "contracts": "_contract",
    "gateways": "_gateways",
    "models": "_models",
    "workers": "_worker",
    "workflows": "_workflow",
}

# With or without a type, which an adopted project may have.
QUEUE = r"^TASK_QUEUE(?:: ?[\w\[\]]+)? = [\"'](.+)[\"']"

# How else they end in `dev` and `tests`, there with `test_` before it.
OTHER_ENDINGS = ("_api", "_integration", "_samples")


def project_version() -> str:
    """The version of the project, by which recorded histories are named."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])


def deployment(domain: str) -> str:
    """What the worker of a domain is called in Kubernetes, compose and the Dockerfile."""
    return f"{domain.replace('_', '-')}-worker"


def class_prefix(domain: str) -> str:
    """How the names of its classes begin."""
    return "".join(map(str.capitalize, domain.split("_")))


def task_queue(domain: str) -> str:
    """The task queue of a domain: as its code says, for one that was renamed keeps its own."""
    for folder in ("contracts", "workflows"):
        for file in ROOT.glob(f"src/*/{folder}/{domain}{ENDINGS[folder]}.py"):
            if found := re.search(QUEUE, file.read_text("utf-8"), re.MULTILINE):
                return found[1]
    return domain.replace("_", "-")
