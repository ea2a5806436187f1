"""As much of a cluster as kubectl needs to show, apply and await what an overlay deploys.

What is sent is merged and kept, unless something in it is called refused. Pods are ready at once, unless something
of theirs is called broken. What they are to execute is noted.
"""

import base64
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.conftest import run

Content = dict[str, Any]

KINDS = {
    "v1": ["ConfigMap", "Namespace", "Pod", "Service", "ServiceAccount"],
    "apps/v1": ["Deployment"],
    "monitoring.coreos.com/v1": ["PodMonitor", "PrometheusRule"],
    "networking.k8s.io/v1": ["NetworkPolicy"],
    "policy/v1": ["PodDisruptionBudget"],
    "temporal.io/v1alpha1": ["Connection", "WorkerDeployment"],
}
MISSING: Content = {"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404}
REFUSED: Content = {"kind": "Status", "status": "Failure", "reason": "Invalid", "code": 422}
WATCHED = "sendInitialEvents"
"""A kind of watch that older servers refuse, and which kubectl then does without."""


NO_SCHEDULE: Content = {
    "status": "Failure",
    "reason": "NonZeroExitCode",
    "details": {"causes": [{"reason": "ExitCode", "message": "1"}]},
}
KEY_OF_WEBSOCKETS = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def plural(kind: str) -> str:
    """What the objects of a kind are called in paths."""
    return kind.lower().removesuffix("y") + ("ies" if kind.endswith("y") else "s")


def group_path(version: str) -> str:
    """Where the objects of a group are."""
    return "/api/v1" if version == "v1" else f"/apis/{version}"


def patchable(group: str, version: str, kind: str) -> Content:
    """Says that the server itself judges the fields of a kind."""
    parameters = [{"name": name, "in": "query"} for name in ("dryRun", "fieldValidation")]
    known = {"group": group, "version": version, "kind": kind}
    return {"patch": {"parameters": parameters, "x-kubernetes-group-version-kind": known}}


def discovery() -> dict[str, Content]:
    """What there is, as kubectl asks for it."""
    groups = []
    pages: dict[str, Content] = {"/api": {"kind": "APIVersions", "versions": ["v1"]}}
    for version, kinds in KINDS.items():
        group, _, short = version.rpartition("/")
        resources: list[Content] = [
            {
                "name": plural(kind),
                "singularName": kind.lower(),
                "kind": kind,
                "namespaced": kind != "Namespace",
                "verbs": ["create", "get", "list", "patch", "watch"],
            }
            for kind in kinds
        ]
        page = {"kind": "APIResourceList", "groupVersion": version, "resources": resources}
        pages[group_path(version)] = page
        if group:
            known = {"groupVersion": version, "version": short}
            groups.append({"name": group, "versions": [known], "preferredVersion": known})
        pages[f"/openapi/v3{group_path(version)}"] = {
            "paths": {
                f"/{each['name']}": patchable(group, short, each["kind"]) for each in resources
            }
        }
    pages["/apis"] = {"kind": "APIGroupList", "groups": groups}
    specifications = {
        path.removeprefix("/openapi/v3/"): {"serverRelativeURL": path}
        for path in pages
        if path.startswith("/openapi")
    }
    pages["/openapi/v3"] = {"paths": specifications}
    return pages


def merge(kept: Content, patch: Content) -> None:
    """Merge a patch as the API server does: None removes, containers and variables go by name."""
    for key, value in patch.items():
        match value, kept.get(key):
            case None, _:
                kept.pop(key, None)
            case dict(), dict() as inner:
                merge(inner, value)
            case [{"name": _}, *_], [{"name": _}, *_] as items:
                for item in value:
                    merge(next(each for each in items if each["name"] == item["name"]), item)
            case _ if not key.startswith("$"):
                kept[key] = value


def observe(kept: Content) -> None:
    """Give an object the state in which controllers would leave it."""
    generation = kept["metadata"].get("generation", 0) + 1
    kept["metadata"] |= {"generation": generation, "resourceVersion": str(generation)}
    broken = "broken" in json.dumps(kept.get("spec", {}))
    if kept["kind"] == "Deployment":
        replicas = kept["spec"].setdefault("replicas", 1)
        late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
        counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), replicas)
        kept["status"] = {"observedGeneration": generation} | counts
        kept["status"] |= {"conditions": [late], "updatedReplicas": 0} if broken else {}
    if kept["kind"] == "WorkerDeployment":
        ready = {"type": "Ready", "status": "False" if broken else "True"}
        kept["status"] = {"conditions": [ready | {"observedGeneration": generation}]}


@dataclass
class FakeCluster:
    """A cluster for kubectl in a folder; its objects by their paths."""

    folder: Path
    environment: dict[str, str]
    objects: dict[str, Content] = field(default_factory=dict)
    executed: list[str] = field(default_factory=list)
    refuses_to_execute: bool = False

    def kubectl(self, command: str, *arguments: Path) -> None:
        """Run a command as it stands in a document."""
        line = " ".join([command, *map(str, arguments)])
        run("sh", "-c", line, cwd=self.folder, environment=self.environment)

    def deployment(self, name: str) -> Content:
        """A deployment of either kind, by its name."""
        return next(
            each for path, each in self.objects.items() if path.endswith(f"deployments/{name}")
        )

    def container(self, name: str) -> Content:
        """The first container of a deployment."""
        container: Content = self.deployment(name)["spec"]["template"]["spec"]["containers"][0]
        return container

    def pods(self, selector: str) -> list[Content]:
        """Two pods of each deployment that the labels select, the younger first."""
        wanted = set(selector.split(","))
        return [
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": f"{each['metadata']['name']}-{day}",
                    "labels": labels,
                    "creationTimestamp": f"2026-01-0{day}T00:00:00Z",
                },
                "spec": each["spec"]["template"]["spec"],
                "status": {"phase": "Running"},
            }
            for path, each in self.objects.items()
            if "deployments/" in path
            for labels in [each["spec"]["template"]["metadata"]["labels"]]
            if not selector or wanted <= {f"{key}={value}" for key, value in labels.items()}
            for day in (2, 1)
        ]


def handler_of(cluster: FakeCluster) -> type[BaseHTTPRequestHandler]:
    """What answers the requests of kubectl."""
    pages = discovery()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, query = self.asked()
            if path in pages:
                self.answer(pages[path])
            elif re.fullmatch(r".*/deployments|.*/workerdeployments", path):
                self.list_or_watch(path, query)
            elif path.endswith("/exec"):
                self.execute(path)
            elif path.endswith("/pods"):
                pods = cluster.pods(query.get("labelSelector", ""))
                self.answer({"kind": "PodList", "apiVersion": "v1", "items": pods})
            elif "/pods/" in path:
                name = path.rpartition("/")[2]
                pods = [each for each in cluster.pods("") if each["metadata"]["name"] == name]
                self.answer(pods[0] if pods else MISSING)
            else:
                self.answer(cluster.objects.get(path, MISSING))

        def list_or_watch(self, path: str, query: dict[str, str]) -> None:
            name = query.get("fieldSelector", "").removeprefix("metadata.name=")
            items = [each for each in [cluster.objects.get(f"{path}/{name}")] if each]
            if WATCHED in query:
                self.answer(REFUSED)
            elif "watch" in query:  # nothing changes any more
                self.answer({})
            else:
                metadata = {"resourceVersion": "1"}
                kind = f"{items[0]['kind']}List" if items else "List"
                version = items[0]["apiVersion"] if items else "v1"
                self.answer(
                    {"kind": kind, "apiVersion": version, "metadata": metadata, "items": items}
                )

        def execute(self, path: str) -> None:
            """Note a command, and tell how it ended on the channel for that, by a WebSocket."""
            command = parse_qs(urlsplit(self.path).query)["command"]
            cluster.executed.append(f"{path.split('/')[-2]}: {' '.join(command)}")
            key = (self.headers["Sec-WebSocket-Key"] + KEY_OF_WEBSOCKETS).encode()
            accepted = base64.b64encode(hashlib.sha1(key).digest()).decode()
            protocol = self.headers["Sec-WebSocket-Protocol"].split(",")[0]
            self.wfile.write(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Accept: {accepted}\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n".encode()
            )
            ended = NO_SCHEDULE if cluster.refuses_to_execute else {"status": "Success"}
            message = b"\x03" + json.dumps(ended).encode()
            self.wfile.write(bytes([0x82, 126]) + len(message).to_bytes(2, "big") + message)
            self.wfile.write(b"\x88\x02\x03\xe8")  # that was all
            self.close_connection = True

        def do_POST(self) -> None:
            path, query = self.asked()
            content = self.sent()
            observe(content)
            if "dryRun" not in query:
                cluster.objects[f"{path}/{content['metadata']['name']}"] = content
            self.answer(content)

        def do_PATCH(self) -> None:
            path, query = self.asked()
            content = json.loads(json.dumps(cluster.objects[path]))
            merge(content, self.sent())
            if "dryRun" not in query and "refused" in json.dumps(content.get("spec", {})):
                self.answer(REFUSED)
                return
            if "dryRun" not in query:
                observe(content)
                cluster.objects[path] = content
            self.answer(content)

        def asked(self) -> tuple[str, dict[str, str]]:
            parts = urlsplit(self.path)
            return parts.path, {name: texts[0] for name, texts in parse_qs(parts.query).items()}

        def sent(self) -> Content:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            content: Content = json.loads(body)
            return content

        def answer(self, content: Content) -> None:
            body = json.dumps(content).encode() if content else b""
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
