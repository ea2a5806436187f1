"""`make deploy` and `make push`: real kubectl on a cluster that stands in, real docker on a real registry."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import OUTSIDE, Render, run
from tests.fake_cluster import FakeCluster, fake_cluster

OVERLAY = "deploy/kubernetes/overlays/staging"
NAMESPACE = "my-temporal-service-staging"

Make = Callable[..., str]


@pytest.fixture
def cluster(tools: dict[str, str], tmp_path: Path) -> Iterator[FakeCluster]:
    with fake_cluster(Path(tools["UV_PROJECT_ENVIRONMENT"]) / "bin", tmp_path) as cluster:
        yield cluster


@pytest.fixture
def project(request: pytest.FixtureRequest, render: Render, tmp_path: Path) -> Path:
    return render(tmp_path / "project", rollout=getattr(request, "param", "rolling"))


@pytest.fixture(params=["rolling", "versioned"])
def scheduled(request: pytest.FixtureRequest, render: Render, tmp_path: Path) -> Path:
    domains = "notification:simple,nightly_cleanup:schedule"
    return render(tmp_path / "project", rollout=request.param, domains=domains)


def release(project: Path, tag: str) -> None:
    """Name another image of one domain."""
    file = project / OVERLAY / "order-worker/kustomization.yaml"
    text = file.read_text("utf-8")
    (old,) = (line for line in text.splitlines() if "newTag:" in line)
    file.write_text(text.replace(old, f'    newTag: "{tag}"'), "utf-8")


@pytest.fixture
def make(cluster: FakeCluster, tools: dict[str, str]) -> Make:
    def make(project: Path, *words: str, fails: bool = False) -> str:
        environment = tools | {"KUBECONFIG": cluster.environment["KUBECONFIG"]}
        done = run("make", *words, cwd=project, environment=environment, check=False)
        assert bool(done.returncode) == fails, done.stdout
        return done.stdout

    return make


def version(cluster: FakeCluster, name: str) -> str:
    """The tag of the image that a deployment of the cluster runs."""
    return str(cluster.container(name)["image"]).rpartition(":")[2]


@pytest.mark.parametrize("project", ["rolling", "versioned"], indirect=True)
def test_a_release_is_shown_applied_and_awaited(
    project: Path, cluster: FakeCluster, make: Make
) -> None:
    assert "everything is new" in make(project, "deploy", "ENVIRONMENT=staging")

    release(project, "0.2.0")
    assert re.search(
        r"\+.*-order-worker:0\.2\.0", make(project, "deploy", "ENVIRONMENT=staging", "DRY_RUN=1")
    )
    assert version(cluster, "order-worker") == "0.1.0"

    assert f"Deployed to {NAMESPACE}." in make(project, "deploy", "ENVIRONMENT=staging")
    assert version(cluster, "order-worker") == "0.2.0"
    assert version(cluster, "notification-worker") == "0.1.0"
    assert "Nothing changes." in make(project, "deploy", "ENVIRONMENT=staging")


@pytest.mark.parametrize("project", ["rolling", "versioned"], indirect=True)
def test_a_release_that_does_not_come_is_taken_back(
    project: Path, cluster: FakeCluster, make: Make
) -> None:
    make(project, "deploy", "ENVIRONMENT=staging")
    settings = project / OVERLAY / "settings.env"
    settings.write_text(settings.read_text("utf-8") + "LOG_LEVEL_OF=nothing\n", "utf-8")
    before = cluster.container("order-worker")["envFrom"]
    release(project, "0.2.0-broken")

    said = make(project, "deploy", "ENVIRONMENT=staging", "MINUTES=0.05", fails=True)

    assert "deployment/order-worker failed. " in said
    assert "What was deployed before runs again." in said
    assert "New, and left there: configmap/settings-" in said
    assert version(cluster, "order-worker") == "0.1.0"
    assert cluster.container("order-worker")["envFrom"] == before


def test_a_first_deployment_is_left_as_it_is(
    project: Path, cluster: FakeCluster, make: Make
) -> None:
    release(project, "0.2.0-broken")

    assert "Nothing was deployed before" in make(
        project, "deploy", "ENVIRONMENT=staging", fails=True
    )
    assert version(cluster, "order-worker") == "0.2.0-broken"
    said = make(project, "deploy", "ENVIRONMENT=staging", fails=True)
    assert "Nothing changes." in said
    assert "deploy the last good commit" in said


def test_what_the_cluster_refuses_is_taken_back(
    project: Path, cluster: FakeCluster, make: Make
) -> None:
    make(project, "deploy", "ENVIRONMENT=staging")
    release(project, "0.2.0-refused")

    said = make(project, "deploy", "ENVIRONMENT=staging", fails=True)

    assert "kubectl apply failed. What was deployed before runs again." in said
    assert version(cluster, "order-worker") == "0.1.0"


def test_a_schedule_is_applied_by_the_newest_pod_of_its_worker(
    scheduled: Path, cluster: FakeCluster, make: Make
) -> None:
    said = make(scheduled, "deploy", "ENVIRONMENT=staging")

    module = "my_temporal_service.client.nightly_cleanup_client"
    assert cluster.executed == [f"nightly-cleanup-worker-2: python -m {module}"]
    assert f"Deployed to {NAMESPACE}." in said


def test_a_schedule_that_is_not_applied_is_said_and_takes_nothing_back(
    scheduled: Path, cluster: FakeCluster, make: Make
) -> None:
    cluster.refuses_to_execute = True

    said = make(scheduled, "deploy", "ENVIRONMENT=staging", fails=True)

    assert "the schedules of nightly-cleanup-worker are as they were" in said
    assert "Taking it back" not in said
    assert version(cluster, "nightly-cleanup-worker") == "0.1.0"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["ENVIRONMENT=stagign"],
            "ENVIRONMENT=stagign: give one of development, production, staging",
        ),
        ([], "ENVIRONMENT is not set: give one of development, production, staging"),
        (
            ["ENVIRONMENT=staging", "KUBECONFIG=/dev/null"],
            "kubectl knows no cluster: name its file in KUBECONFIG",
        ),
    ],
)
def test_what_cannot_be_deployed_is_said(
    words: list[str], says: str, project: Path, make: Make
) -> None:
    said = make(project, "deploy", *words, fails=True)

    assert says in said
    assert "Traceback" not in said


def test_the_environment_of_the_caller_deploys_nothing(
    project: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OUTSIDE, "ENVIRONMENT", "staging")

    assert "ENVIRONMENT is not set" in make(project, "deploy", fails=True)


def test_a_docker_that_does_not_answer_is_said_before_anything_else(
    project: Path, make: Make, tools: dict[str, str], tmp_path: Path
) -> None:
    docker = tmp_path / "bin/docker"
    docker.parent.mkdir()
    docker.write_text("#!/bin/sh\necho 'Is the daemon running?' >&2\nexit 1\n", "utf-8")
    docker.chmod(0o755)
    path = f"PATH={docker.parent}:{tools.get('PATH') or OUTSIDE['PATH']}"

    said = make(project, "push", "ENVIRONMENT=staging", path, fails=True)

    assert "Docker does not answer: Is the daemon running?" in said
    assert "registry" not in said
