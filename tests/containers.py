"""Real images and real containers, without a registry.

buildah builds on stand-ins for the base images, and dockerd runs what it built. Both work in
namespaces of their own, so that no mount, network or process is left when they end.
"""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import UV, run

PROGRAMS = (
    *("buildah", "mmdebstrap", "dockerd", "docker", "docker-registry", "unshare", "nsenter", "ip"),
    *("prometheus", "prometheus-alertmanager"),
)
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "copier-temporal"
CGROUP = "copier-temporal-tests"

STAND_INS = """
FROM scratch AS debian
ADD debian.tar /

FROM debian AS python
COPY ca-certificates.crt /etc/ssl/stand-in.crt
ENV SSL_CERT_FILE=/etc/ssl/stand-in.crt
RUN ln -s /usr/bin/python3 /usr/local/bin/python

FROM scratch AS uv
COPY uv uvx /

FROM debian AS temporal
COPY temporal /usr/local/bin/
RUN useradd --uid 1000 --create-home temporal
USER temporal
ENTRYPOINT ["temporal"]

FROM debian AS prometheus
COPY prometheus /bin/
RUN install --directory --owner=nobody /prometheus
USER nobody
ENTRYPOINT ["prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]

FROM debian AS alertmanager
COPY prometheus-alertmanager /bin/
COPY default.tmpl email.tmpl /usr/share/prometheus/alertmanager/
RUN install --directory --owner=nobody /alertmanager
USER nobody
ENTRYPOINT ["prometheus-alertmanager"]
"""


def unmet() -> list[str]:
    """What this machine lacks."""
    programs = [program for program in PROGRAMS if not shutil.which(program)]
    return programs if os.geteuid() == 0 else [*programs, "root"]


# Where CI is set, they fail instead.
needs_containers = pytest.mark.skipif(
    bool(unmet()) and "CI" not in os.environ, reason=f"not here: {', '.join(unmet())}"
)


def debian() -> Path:
    """The files of a small Debian with its Python, kept for the next run."""
    tarball = CACHE / "bookworm-apt.tar"
    if not tarball.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        unfinished = tarball.with_suffix(f".{os.getpid()}.tar")
        options = ["--variant=apt", "--include=python3,passwd"]
        options += [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "locale")]
        run("mmdebstrap", *options, "bookworm", unfinished, cwd=CACHE)
        unfinished.rename(tarball)
    return tarball


class Builder:
    """Buildah with a storage of its own, and with images that stand in for those of a registry."""

    def __init__(self, folder: Path, temporal: Path) -> None:
        """Make the stand-ins; `temporal` is the server that one of them holds."""
        self._folder = folder
        context = folder / "stand-ins"
        context.mkdir()
        files: dict[str, Path | str | None] = {
            "debian.tar": debian(),
            "ca-certificates.crt": ssl.get_default_verify_paths().cafile,
            "uv": UV,
            "uvx": UV.with_name("uvx"),
            "temporal": temporal,
            "prometheus": shutil.which("prometheus"),
            "prometheus-alertmanager": shutil.which("prometheus-alertmanager"),
            "default.tmpl": "/usr/share/prometheus/alertmanager/default.tmpl",
            "email.tmpl": "/usr/share/prometheus/alertmanager/email.tmpl",
        }
        for name, file in files.items():
            assert file, name
            shutil.copy(file, context / name)
        (context / "Dockerfile").write_text(STAND_INS, "utf-8")
        for name in ("python", "uv", "temporal", "prometheus", "alertmanager"):
            self("build", "--layers", "--target", name, "--tag", f"stand-in/{name}", context)

    def __call__(self, command: str, *arguments: str | Path) -> str:
        """Run a command of buildah."""
        environment = {"BUILDAH_ISOLATION": "chroot", "TMPDIR": str(self._folder)}
        whole = [*self._buildah(), command, *map(str, arguments)]
        return run(*whole, cwd=self._folder, environment=environment).stdout

    def docker_for(self, project: Path) -> dict[str, str]:
        """The environment in which `docker build` builds a project on the stand-ins."""
        text = (project / "Dockerfile").read_text("utf-8")
        bases = re.findall(r"^FROM (\S*\b(python|uv):\S+)", text, re.MULTILINE)
        contexts = [
            f"--build-context={name}=docker-image://stand-in/{kind}" for name, kind in bases
        ]
        programs = self._folder / "bin"
        programs.mkdir(exist_ok=True)
        docker = programs / "docker"
        command = " ".join([*self._buildah(), "build", "--pull-never", *contexts])
        docker.write_text(f'#!/bin/sh\n[ "$1" = build ] && shift && exec {command} "$@"\n', "utf-8")
        docker.chmod(0o755)
        return {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "BUILDAH_ISOLATION": "chroot",
            "BUILDAH_LAYERS": "true",
            "TMPDIR": str(self._folder),
        }

    def _buildah(self) -> list[str]:
        storage = [f"--root={self._folder}/storage", f"--runroot={self._folder}/run"]
        return ["unshare", "--mount", "buildah", *storage]


class Engine:
    """A Docker daemon on a network of its own, without a way out."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        """Use the daemon that runs in a process."""
        self._process = process
        self._folder = folder
        self.environment = {"DOCKER_HOST": f"unix://{folder}/socket"}

    def docker(self, *arguments: str | Path, check: bool = True) -> str:
        """Run a command of the Docker client."""
        whole = ["docker", *map(str, arguments)]
        return run(*whole, cwd=self._folder, environment=self.environment, check=check).stdout

    def load(self, builder: Builder, image: str, tag: str) -> None:
        """Take over an image under another name."""
        archive = self._folder / "image.tar"
        builder("push", "--quiet", image, f"docker-archive:{archive}:{tag}")
        self.docker("load", "--quiet", "--input", archive)
        archive.unlink()

    def beside(self, *command: str | Path, cwd: Path, check: bool = True) -> str:
        """Run a command on the network of the daemon, where containers publish their ports."""
        whole = [*self._enter(), *command]
        return run(*whole, cwd=cwd, environment=self.environment, check=check).stdout

    @contextmanager
    def registry(self, address: str) -> Iterator[None]:
        """A registry at an address of that network, empty at first."""
        storage = {"filesystem": {"rootdirectory": f"{self._folder}/registry"}}
        config = {"version": "0.1", "storage": storage, "http": {"addr": address}}
        file = self._folder / "registry.json"
        file.write_text(json.dumps(config), "utf-8")
        process = subprocess.Popen([*self._enter(), "docker-registry", "serve", file])
        try:
            deadline = time.monotonic() + 30
            while "refused" in self.docker("pull", f"{address}/nothing", check=False):
                assert time.monotonic() < deadline
                time.sleep(0.2)
            yield
        finally:
            process.terminate()
            process.wait()

    def _enter(self) -> list[str]:
        return ["nsenter", f"--net=/proc/{self._process.pid}/ns/net"]


@contextmanager
def engine(folder: Path) -> Iterator[Engine]:
    """A daemon whose containers end with it."""
    daemon = f"""
        ip link set lo up
        mkdir {folder}/data
        mount -t tmpfs tmpfs {folder}/data
        exec dockerd --host=unix://{folder}/socket --pidfile={folder}/pid --data-root={folder}/data \
            --exec-root={folder}/run --cgroup-parent={CGROUP} >{folder}/log 2>&1
    """
    namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    process = subprocess.Popen(["unshare", *namespaces, "sh", "-ec", daemon])
    try:
        started = Engine(process, folder)
        deadline = time.monotonic() + 60
        while "Server Version" not in started.docker("info", check=False):
            assert process.poll() is None, (folder / "log").read_text("utf-8")
            assert time.monotonic() < deadline, (folder / "log").read_text("utf-8")
            time.sleep(0.2)
        yield started
    finally:
        if process.poll() is None:
            # It ends after the daemon, which ends after all processes of its namespace.
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            os.kill(int(children.read_text("utf-8")), signal.SIGKILL)
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)
        for group in Path("/sys/fs/cgroup").glob(f"**/{CGROUP}"):
            for path in sorted(group.rglob("*/"), reverse=True):
                path.rmdir()
            group.rmdir()
