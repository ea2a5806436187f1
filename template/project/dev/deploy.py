"""Deploy an environment (`make deploy`): show what changes, apply it, wait for its pods, or take it back.

What was deployed before is what `kubectl apply` noted in each object; an object that is new has no such note,
and stays. Workers of a version (`WorkerDeployment`) are waited for until their version gets all work. Schedules come
last, by a pod of the worker whose workflows they start: it is connected already, so nobody else needs a credential.
"""

import json
import subprocess
import time
from pathlib import Path

from dev.layout import ENDINGS, ROOT, deployment
from dev.make_variables import MakeVariables, one_of
from dev.overlays import FOLDER, WAITS, Object, environments, kubectl, render

NOTE = "kubectl.kubernetes.io/last-applied-configuration"
APPLIED_EARLIER = (
    "It was applied by an earlier run, which knew what to go back to: deploy the last good commit."
)
LINES = 20
"""How much of the log of a pod that does not come is shown."""


def name_of(manifest: Object) -> str:
    """What kubectl calls an object."""
    return "/".join([manifest["kind"].lower(), manifest["metadata"]["name"]])


def namespace_of(objects: list[Object]) -> str:
    """The namespace that all of an environment lies in."""
    return str(next(each["metadata"]["namespace"] for each in objects if each["kind"] in WAITS))


def deployed(folder: Path) -> list[Object]:
    """What is there of an overlay, as it was last applied."""
    found = kubectl("get", "--kustomize", folder, "--ignore-not-found", "--output=json")
    answer = json.loads(found or '{"items": []}')
    notes = (
        each["metadata"].get("annotations", {}).get(NOTE) for each in answer.get("items", [answer])
    )
    return [json.loads(note) for note in notes if note]


def apply(source: str, text: str | None = None) -> bool:
    """Let kubectl apply manifests, and print what it does; whether it did."""
    done = subprocess.run(["kubectl", "apply", source], input=text, encoding="utf-8", check=False)
    return done.returncode == 0


def wait(objects: list[Object], seconds: float) -> str:
    """Wait until all pods are those of their manifests; the name of what failed, if something did."""
    deadline = time.monotonic() + seconds
    for each in objects:
        if each["kind"] in WAITS:
            left = max(1, round(deadline - time.monotonic()))
            scope = [f"--namespace={each['metadata']['namespace']}", f"--timeout={left}s"]
            command = ["kubectl", *WAITS[each["kind"]], name_of(each), *scope]
            if subprocess.run(command, check=False).returncode:
                return name_of(each)
    return ""


def explain(namespace: str, name: str) -> None:
    """Show the pods of what failed, and the end of their logs."""
    pods = [f"--namespace={namespace}", f"--selector=app.kubernetes.io/name={name.split('/')[1]}"]
    logs = ["logs", *pods, f"--tail={LINES}", "--prefix", "--all-containers"]
    for command in (["get", "pods", *pods], logs):
        subprocess.run(["kubectl", *command], check=False)


def schedulers() -> dict[str, str]:
    """The modules that create or update schedules, by the worker whose pods run them."""
    ending = ENDINGS["client"]
    return {
        deployment(file.stem.removesuffix(ending)): f"{file.parts[-3]}.client.{file.stem}"
        for file in ROOT.glob(f"src/*/client/*{ending}.py")
        if "def apply_schedule(" in file.read_text("utf-8")
    }


def apply_schedules(objects: list[Object]) -> str:
    """Create the schedules of what is deployed, or update them; the worker of one that failed."""
    modules = schedulers()
    for each in objects:
        name = each["metadata"]["name"]
        if each["kind"] not in WAITS or name not in modules:
            continue
        scope = f"--namespace={each['metadata']['namespace']}"
        labels = each["spec"]["template"]["metadata"]["labels"].items()
        selector = "--selector=" + ",".join(f"{key}={value}" for key, value in labels)
        by_age = "--sort-by=.metadata.creationTimestamp"
        pods = kubectl("get", "pods", scope, selector, by_age, "--output=name").split()
        command = ["kubectl", "exec", scope, *pods[-1:], "--", "python", "-m", modules[name]]
        if not pods or subprocess.run(command, check=False).returncode:
            return str(name)
    return ""


def take_back(before: list[Object], objects: list[Object], seconds: float) -> str:
    """Apply what was there before, and wait for it; what came of it, in a sentence."""
    if not before:
        return "Nothing was deployed before, so it is left as it is."
    print("Taking it back ...", flush=True)
    if not apply("--filename=-", text="\n---\n".join(map(json.dumps, before))):
        return "Taking it back failed as well."
    if failed := wait(before, seconds):
        return f"Taking it back failed as well: {failed} is not ready."
    known = {name_of(each) for each in before}
    new = [name for each in objects if (name := name_of(each)) not in known]
    rest = f" New, and left there: {', '.join(new)}." if new else ""
    return f"What was deployed before runs again.{rest}"


def deploy(environment: str, seconds: float, *, dry_run: bool) -> None:
    """Deploy an environment, or only show what would change.

    Args:
        environment: the name of its overlay.
        seconds: how long to wait for all its pods, and again if it is taken back.
        dry_run: only show the difference.

    Raises:
        SystemExit: if kubectl refuses something, or if a pod did not come.
    """
    folder, objects = FOLDER / environment, render(environment)
    namespace = namespace_of(objects)
    context = subprocess.run(
        ["kubectl", "config", "current-context"], capture_output=True, check=False, text=True
    )
    if context.returncode:
        raise SystemExit(
            "kubectl knows no cluster: name its file in KUBECONFIG, or choose one of those that it knows with"
            " `kubectl config use-context`."
        )
    print(f"{namespace}, in {context.stdout.strip()}", flush=True)
    if kubectl("get", "namespace", namespace, "--ignore-not-found", "--output=name"):
        changes = kubectl("diff", "--kustomize", folder, expected=(0, 1))
        print(changes or "Nothing changes.", flush=True)
    else:
        changes = "all of it"
        print("The namespace is not there yet: everything is new.", flush=True)
    if dry_run:
        return
    before = deployed(folder)
    if not apply(f"--kustomize={folder}"):
        failed = "kubectl apply"
    elif failed := wait(objects, seconds):
        explain(namespace, failed)
    if failed:
        end = take_back(before, objects, seconds) if changes else APPLIED_EARLIER
        raise SystemExit(f"Not deployed: {failed} failed. {end}")
    if failed := apply_schedules(objects):
        raise SystemExit(
            f"Deployed to {namespace}, but the schedules of {failed} are as they were: `make deploy` again tries it."
        )
    print(f"Deployed to {namespace}.")


def main() -> None:
    """Do what the command line asks for."""
    variables = MakeVariables("deploy", __doc__)
    variables.choose("ENVIRONMENT", environments())
    variables.add("MINUTES", "a number of minutes", float, default=30)
    variables.add_argument("--DRY_RUN", action="store_true", help="only show what would change")
    given = variables.given()
    if given.ENVIRONMENT is None:
        variables.error(f"ENVIRONMENT is not set: give {one_of(environments())}")
    try:
        deploy(given.ENVIRONMENT, given.MINUTES * 60, dry_run=given.DRY_RUN)
    except KeyboardInterrupt:
        raise SystemExit("Left as it is; `make deploy` again goes on from here.") from None


if __name__ == "__main__":
    main()
