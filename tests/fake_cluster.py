"""As much of a cluster as kubectl needs to apply one deployment: what it sends is merged and kept."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.conftest import run

GROUP = {"groupVersion": "apps/v1", "version": "v1"}
DEPLOYMENTS = {"name": "deployments", "singularName": "deployment", "kind": "Deployment"}
DISCOVERY: dict[str, dict[str, Any]] = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": []},
    "/apis": {
        "kind": "APIGroupList",
        "groups": [{"name": "apps", "versions": [GROUP], "preferredVersion": GROUP}],
    },
    "/apis/apps/v1": {
        "kind": "APIResourceList",
        "groupVersion": "apps/v1",
        "resources": [DEPLOYMENTS | {"namespaced": True, "verbs": ["create", "get", "patch"]}],
    },
}


def merge(kept: dict[str, Any], patch: dict[str, Any]) -> None:
    """Merge a patch as the API server does: None removes, containers and variables go by name."""
    for key, value in patch.items():
        match value, kept.get(key):
            case None, _:
                kept.pop(key, None)
            case dict(), dict() as inner:
                merge(inner, value)
            case [{"name": _}, *_], [*items]:
                for item in value:
                    merge(next(each for each in items if each["name"] == item["name"]), item)
            case _ if not key.startswith("$"):
                kept[key] = value


@dataclass
class FakeCluster:
    """A cluster with one deployment at most, for kubectl in a folder."""

    folder: Path
    environment: dict[str, str]
    deployment: dict[str, Any] = field(default_factory=dict)

    def kubectl(self, command: str, *arguments: Path) -> None:
        """Run a command as it stands in a document."""
        line = " ".join([command, *map(str, arguments)])
        run("sh", "-c", line, cwd=self.folder, environment=self.environment)


def handler_of(cluster: FakeCluster) -> type[BaseHTTPRequestHandler]:
    """What answers the requests of kubectl."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            missing = {"kind": "Status", "reason": "NotFound", "code": 404}
            if path.endswith("/order-worker"):
                self.answer(cluster.deployment or missing)
            else:
                self.answer(DISCOVERY.get(path, missing))

        def do_POST(self) -> None:
            cluster.deployment = self.sent()
            self.answer(cluster.deployment)

        def do_PATCH(self) -> None:
            merge(cluster.deployment, self.sent())
            cluster.deployment["spec"].setdefault("replicas", 1)
            self.answer(cluster.deployment)

        def sent(self) -> dict[str, Any]:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            content: dict[str, Any] = json.loads(body)
            return content

        def answer(self, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(content.get("code", 200))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def fake_cluster(tools: Path, folder: Path) -> Iterator[FakeCluster]:
    """A cluster that kubectl, found in `tools`, reaches from `folder`."""
    config = folder / "config"
    path = f"{tools}:{os.environ['PATH']}"
    cluster = FakeCluster(folder, {"HOME": str(folder), "KUBECONFIG": str(config), "PATH": path})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(cluster))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    config.write_text(
        json.dumps(
            {
                "clusters": [
                    {"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}
                ],
                "contexts": [{"name": "c", "context": {"cluster": "c"}}],
                "current-context": "c",
            }
        ),
        "utf-8",
    )
    try:
        yield cluster
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
