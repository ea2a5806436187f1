"""The overlays of `deploy/kubernetes`: what each deploys, rendered and sent by kubectl."""

import os
import subprocess
from pathlib import Path
from typing import Any

import yaml

from dev.layout import ROOT

FOLDER = ROOT / "deploy/kubernetes/overlays"

Object = dict[str, Any]
"""An object of Kubernetes, as a manifest describes it."""

WAITS = {
    "Deployment": ["rollout", "status"],
    "WorkerDeployment": ["wait", "--for=condition=Ready"],
}
"""The kinds that run pods, with how kubectl waits until all pods are those of the manifest."""


def environments() -> list[str]:
    """The names of all."""
    return sorted(file.parent.name for file in FOLDER.glob("*/kustomization.yaml"))


def kubectl(*arguments: str | Path, expected: tuple[int, ...] = (0,)) -> str:
    """What kubectl prints; exits with what it says if it fails."""
    done = subprocess.run(
        ["kubectl", *map(str, arguments)],
        env={**os.environ, "KUBECTL_EXTERNAL_DIFF": ""},  # one that people look at prints nothing
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode not in expected:
        raise SystemExit(f"kubectl {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


def render(environment: str) -> list[Object]:
    """All objects of an environment."""
    return list(filter(None, yaml.safe_load_all(kubectl("kustomize", FOLDER / environment))))
