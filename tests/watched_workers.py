"""Run inside a project: a real Prometheus watches real workers, with the rules as they are shipped.

    python watched_workers.py alerts|runbooks|versions

`alerts` makes each expression of the rules, and of the dashboards, return something: a minute of them lasts
a second. It leaves what the dashboards showed meanwhile in `build/watched.json`, for `pictures/panels.py`.
`runbooks` tries the commands of the runbooks, `versions` those of a project whose workers have versions. Prints what happened; an assertion that fails ends it.
"""

import asyncio
import json
import os
import re
import shlex
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import yaml
from dev.domains import domain
from dev.faulty_worker import (
    QUEUE,
    BrokenWorkflow,
    BusyWorkflow,
    GrowingWorkflow,
    LargeWorkflow,
    ManyWorkflow,
    Text,
)
from dev.processes import group, process
from dev.rules import DEPLOY
from dev.servers import start_server
from dev.services import Ledger, serve
from my_temporal_service.runtime.telemetry import free_port
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleSpec,
    WorkflowHandle,
)

ORDER, NOTIFICATION = domain("order"), domain("notification")
CODE = Path("src/my_temporal_service/workflows/order_workflow.py")
FIRST_STEP = "self._enter(OrderStatus.RESERVING)\n"
RUNBOOKS = Path("docs/runbooks")

VERSION = {
    "TEMPORAL_DEPLOYMENT_NAME": "my-temporal-service-production/order-worker",
    "TEMPORAL_WORKER_BUILD_ID": "0.1.0-a1b2",
}

# Numbers that a machine with many cores and much memory would never reach within a minute.
LIMITS = {"cpu": "0.0001", "memory": "0.0001", "restarts": "0", "resource_exhausted": "1"}

# Alerts of which a minute and a half is too short to see more than their pending state.
PENDING = {
    "TemporalActivitiesStartLate": "an activity begins every 11 seconds, which is remembered for 5",
    "TemporalWorkflowTasksStartLate": "what waited for a worker is begun in a second, which is remembered for 5",
    "TemporalContinueAsNewStopped": "it waits for 30 seconds after an hour of 60 seconds without any",
    "TemporalActivitiesSlow": "one activity of 11 seconds is remembered for 5, it waits for 10",
    "TemporalCacheMisses": "it waits for 15 seconds",
}


def scaled(rules: str) -> str:
    """Rules in which a minute lasts a second, but for the start of a process."""
    rules = rules.replace(
        "changes(process_start_time_seconds[15m])", "changes(process_start_time_seconds[60s])"
    )
    seconds = {"m": 1, "h": 60, "d": 1440}
    rules = re.sub(
        r"(\[|offset |for: )(\d+)([mhd])\b",
        lambda found: f"{found[1]}{int(found[2]) * seconds[found[3]]}s",
        rules,
    )
    for name, value in LIMITS.items():
        rules, count = re.subn(
            rf"(temporal:limit:{name}\n +expr: vector)\(.*\)", rf"\1({value})", rules
        )
        assert count <= 1
    return rules


class Prometheus:
    """A Prometheus that runs."""

    def __init__(self, url: str) -> None:
        """Ask the one at a URL."""
        self._http = httpx.AsyncClient(base_url=url, timeout=10)

    async def ask(self, query: str) -> list[dict]:
        """The result of a query at this moment."""
        answer = await self._http.get("/api/v1/query", params={"query": query})
        assert answer.is_success, (query, answer.text)
        return answer.json()["data"]["result"]

    async def history(self, query: str, seconds: float) -> list[dict]:
        """The results of a query in each of the last seconds."""
        now = time.time()
        span = {"start": now - seconds, "end": now, "step": 1}
        answer = await self._http.get("/api/v1/query_range", params={"query": query, **span})
        assert answer.is_success, (query, answer.text)
        return answer.json()["data"]["result"]

    async def up(self) -> None:
        """Wait until every worker is scraped."""
        async with asyncio.timeout(30):
            while True:
                try:
                    if len(await self.ask("up == 1")) == 3:
                        return
                except (httpx.TransportError, AssertionError):
                    pass
                await asyncio.sleep(0.2)

    async def wait(self, alert: str, queue: str, firing: bool = True, seconds: float = 90) -> None:
        """Wait until an alert fires, or does no more."""
        began = time.monotonic()
        query = f'ALERTS{{alertname="{alert}", alertstate="firing", task_queue="{queue}"}}'
        while bool(await self.ask(query)) != firing:
            assert time.monotonic() < began + seconds, f"{alert} of {queue}: not {firing}"
            await asyncio.sleep(0.3)
        state = "fires" if firing else "is over"
        print(f"{alert} of {queue} {state} after {time.monotonic() - began:.1f} s", flush=True)


@asynccontextmanager
async def prometheus(folder: Path, targets: list[str]) -> AsyncIterator[Prometheus]:
    for file in (DEPLOY / "monitoring" / "rules").glob("*.yml"):
        (folder / f"rules-{file.name}").write_text(scaled(file.read_text("utf-8")), "utf-8")
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [f"{folder}/rules-*.yml"],
        "scrape_configs": [{"job_name": "workers", "static_configs": [{"targets": targets}]}],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), "utf-8")
    port = free_port()
    command = ["prometheus", f"--config.file={folder}/prometheus.yml", "--log.level=error"]
    command += [f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={folder}/data"]
    async with process(*command):
        yield Prometheus(f"http://127.0.0.1:{port}")


class Workers:
    """The worker processes by their module, each with a port of its own."""

    def __init__(self, *modules: str) -> None:
        """Give them ports."""
        self.ports = {module: free_port() for module in modules}
        self._running: dict[str, Process] = {}

    async def start(self, module: str, **environment: str) -> None:
        """Start the worker of a module."""
        environment |= {"HEALTH_PORT": str(self.ports[module]), "STICKY_TIMEOUT_SECONDS": "1"}
        self._running[module] = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module),
            env=os.environ | environment,
            stderr=DEVNULL,
            process_group=group(),
        )

    async def stop(self, module: str) -> None:
        """Stop it, once its activities are done."""
        self._running[module].terminate()
        await self._running[module].wait()


async def start(client: Client, workflow: type, text: Text | None = None) -> WorkflowHandle:
    return await client.start_workflow(
        workflow.run, text or Text(), id=f"faulty-{uuid4().hex[:8]}", task_queue=QUEUE
    )


async def orders_and_notifications(client: Client) -> None:
    """Four workflows a second, without end; some orders are refused."""
    while True:
        for each in (ORDER, NOTIFICATION):
            for sample in list(each.samples(uuid4().hex[:8]).values())[:2]:
                await each.start(client, sample)
        await asyncio.sleep(1)


async def faults(client: Client) -> None:
    """What a faulty domain does, without end."""
    growing = [await start(client, GrowingWorkflow, Text(count=3)) for _ in range(6)]
    for _ in range(4):
        await start(client, BusyWorkflow, Text(text="hang"))
    for round_ in range(1_000):
        if round_ % 10 == 0:
            for _ in range(4):
                await start(client, BrokenWorkflow)
            await start(client, LargeWorkflow)
            await start(client, BusyWorkflow, Text(text="call"))
        if round_ < 20:
            await start(client, ManyWorkflow)
        await asyncio.gather(*(each.signal(GrowingWorkflow.hear) for each in growing))
        await asyncio.sleep(1)


async def no_workers(watch: Prometheus, workers: Workers) -> None:
    """All workers of a queue are gone, and come back."""
    await workers.stop(NOTIFICATION.worker)
    await watch.wait("TemporalNoPollers", "notification")
    await watch.wait("TemporalWorkerDown", "notification")
    await workers.start(NOTIFICATION.worker)
    await watch.wait("TemporalNoPollers", "notification", firing=False)


async def bad_deploy(watch: Prometheus, workers: Workers) -> None:
    """A deployment changes the order of commands, and is taken back."""
    good = CODE.read_text("utf-8")
    assert good.count(FIRST_STEP) == 1
    CODE.write_text(good.replace(FIRST_STEP, f"{FIRST_STEP}        await asyncio.sleep(1)\n"))
    await workers.stop(ORDER.worker)
    await workers.start(ORDER.worker)
    await watch.wait("TemporalNonDeterminism", "order")
    CODE.write_text(good)
    await workers.stop(ORDER.worker)
    await workers.start(ORDER.worker)
    await watch.wait("TemporalNonDeterminism", "order", firing=False)


async def alerts(client: Client, watch: Prometheus, workers: Workers) -> None:
    await watch.up()
    loads = [
        asyncio.create_task(orders_and_notifications(client)),
        asyncio.create_task(faults(client)),
    ]
    began = time.monotonic()
    await asyncio.sleep(8)
    await asyncio.gather(no_workers(watch, workers), bad_deploy(watch, workers))
    silent = set(expected())
    while silent and time.monotonic() < began + 120:
        assert not any(load.done() for load in loads), loads
        await asyncio.sleep(1)
        silent = {each for each in silent if not await watch.ask(f"count_over_time({each}[10m])")}
    print(f"alerts: {len(silent)} are silent after {time.monotonic() - began:.0f} s")
    assert not silent, silent
    empty = [each for each in shown() if not await watch.ask(f"count_over_time(({each})[10m:1s])")]
    assert not empty, empty
    seconds = time.monotonic() - began
    seen = {query: await watch.history(query, seconds) for query in shown('task_queue="order"')}
    Path("build").mkdir(exist_ok=True)
    Path("build/watched.json").write_text(json.dumps(seen), "utf-8")


def expected() -> Iterator[str]:
    """What each rule leaves behind once its expression has returned something."""
    for file in (DEPLOY / "monitoring" / "rules").glob("*.yml"):
        for rule in yaml.safe_load(file.read_text("utf-8"))["groups"][0]["rules"]:
            if "alert" in rule:
                state = "pending|firing" if rule["alert"] in PENDING else "firing"
                yield f'ALERTS{{alertname="{rule["alert"]}", alertstate=~"{state}"}}'
            else:
                labels = [f'{name}="{value}"' for name, value in rule.get("labels", {}).items()]
                yield f"{rule['record']}{{{', '.join(labels)}}}"


def shown(queue: str = 'task_queue!=""') -> Iterator[str]:
    """What the panels of the dashboards ask for, of all task queues unless one is chosen."""
    for file in (DEPLOY / "monitoring" / "grafana" / "dashboards").glob("*.json"):
        for panel in json.loads(file.read_text("utf-8"))["panels"]:
            for target in panel.get("targets", []):
                yield asked(target["expr"], queue)


def asked(query: str, queue: str) -> str:
    """A query of a panel as it is put to Prometheus here."""
    query = scaled(query.replace("$__rate_interval", "30m"))
    return query.replace('task_queue="$task_queue"', queue).replace("$namespace", "default")


async def typed(*lines: str) -> tuple[int, bytes]:
    """Type lines into a shell; their exit code and what they say."""
    started = await asyncio.create_subprocess_exec(
        "sh", "-c", "\n".join(lines), stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
    )
    output, _ = await started.communicate()
    return started.returncode, output


async def runbooks(client: Client) -> None:
    """Every command of the runbooks for Temporal works as it stands, after what their index says."""
    sample = next(iter(ORDER.samples(uuid4().hex[:8]).values()))
    handle = await ORDER.start(client, sample)
    while (await handle.describe()).history_length < 5:
        await asyncio.sleep(0.1)
    action = ScheduleActionStartWorkflow("Never", id="never", task_queue="none")
    await client.create_schedule(handle.id, Schedule(action, spec=ScheduleSpec()))
    known = {"queue": "order", "type": "OrderWorkflow", "id": handle.id, "namespace": "default"}
    known |= {"domain": "order", "version": "0.1.0", "event": "4"}
    known |= {"worker": VERSION["TEMPORAL_DEPLOYMENT_NAME"]}
    known |= {"build": VERSION["TEMPORAL_WORKER_BUILD_ID"]}
    index = (RUNBOOKS / "README.md").read_text("utf-8")
    [path] = re.findall(r"&& (export PATH=\S+)", index)
    os.environ["TEMPORAL_NAMESPACE"] = client.namespace
    lines = {
        line
        for page in sorted(RUNBOOKS.glob("*.md"))
        for line in re.findall(r"(?m)(?:^|`)(temporal .+?)(?:`|$)", page.read_text("utf-8"))
    }
    for line in sorted(lines, key=lambda each: ("reset" in each, "query" in each)):
        filled_in = re.sub(r"<(\w+)>", lambda found: shlex.quote(known[found[1]]).strip("'"), line)
        code, output = await typed(path, filled_in)
        while b"Max concurrent batch operations" in output:  # the one before still runs
            await asyncio.sleep(0.5)
            code, output = await typed(path, filled_in)
        assert code == 0, f"{filled_in}\n{output.decode()}"
    print(f"runbooks: {len(lines)} commands of runbooks work")


async def make_current() -> None:
    """Do what the Temporal Worker Controller does, once the server knows the version."""
    name, build = VERSION.values()
    command = f"temporal worker deployment set-current-version --yes --deployment-name {name} --build-id {build}"
    while (await typed('PATH="$PWD/.venv/bin:$PATH"', command))[0]:
        await asyncio.sleep(0.5)


async def main(drill: str) -> None:
    workers = Workers(ORDER.worker, NOTIFICATION.worker, "dev.faulty_worker")
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Ledger(Path(folder, "ledger")), latency=0.5) as url,
    ):
        server = await start_server()
        client = server.client
        os.environ |= {
            "TEMPORAL_ADDRESS": client.service_client.config.target_host,
            "SERVICES_URL": url,
        }
        if drill == "versions":  # with services that are away, so that a workflow waits for them
            await workers.start(ORDER.worker, **VERSION, SERVICES_URL="http://127.0.0.1:1")
            await make_current()
            await runbooks(client)
            return
        await workers.start(ORDER.worker)
        if drill == "runbooks":
            await runbooks(client)
            return
        await workers.start(NOTIFICATION.worker)
        await workers.start(
            "dev.faulty_worker",
            SERVICES_URL="http://127.0.0.1:1",
            MAX_CONCURRENT_ACTIVITIES="1",
            MAX_CACHED_WORKFLOWS="2",
            HISTORY_WARNING="20",
        )
        targets = [f"127.0.0.1:{port}" for port in workers.ports.values()]
        async with prometheus(Path(folder), targets) as watch:
            await alerts(client, watch, workers)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
    sys.stdout.flush()
    os._exit(0)
