"""The failure drills: each is a function whose docstring is the promise that it proves."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from dev.servers import start_time_skipping_server
from tests.chaos.drill import Drill
from tests.chaos.judgement import all_or_nothing
from tests.chaos.stage import START_SECONDS, Stage, Worker
from tests.chaos.workload import Ended, Performance, Sample

RECOVERY_SECONDS = 22  # of a dead worker's work: an attempt has 15, a task that waits for it 2
HELD_UP_SECONDS = 60  # by a worker that hangs, which goes on to be given tasks
LATENCY = 1.0  # seconds that a call takes where a worker is to be hit in the middle of one


async def worker_killed(drill: Drill) -> None:
    """Killed in the middle of a step, a worker loses nothing: another goes on within 22 seconds."""
    async with drill.stage(LATENCY) as stage:
        await stage.start_workers(drill.domains, each=2)
        calm = await undisturbed(drill, stage)
        delays: list[float] = []
        for number in range(2):
            drill.say(f"round {number + 1}: a worker of each domain is killed")
            killed = await hit_all(drill, stage, calm, Worker.kill)
            ended = await drill.ends(killed)
            delays += [end.seconds - calm[end.sample] for end in ended]
            for end in ended:
                # What it had done of the step is to be done again.
                late = end.seconds - calm[end.sample] - LATENCY
                drill.promise(late <= RECOVERY_SECONDS, f"{end.sample}: went on {late:.1f} s late")
            await restore(stage)
        drill.figures["delayed by at most"] = f"{max(delays):.1f} s, {LATENCY:g} s of it done again"


async def undisturbed(drill: Drill, stage: Stage) -> dict[Sample, float]:
    """How many seconds a workflow of each first sample takes."""
    drill.say("a workflow of each domain, undisturbed")
    ended = await perform_all(drill, stage.client, drill.firsts)
    return {end.sample: end.seconds for end in ended}


async def hit_all(
    drill: Drill,
    stage: Stage,
    calm: dict[Sample, float],
    blow: Callable[[Worker], Awaitable[None]],
) -> list[Performance]:
    """Start a workflow of each domain that has steps, and hit the worker that runs one of them."""
    hitting = []
    for sample in drill.stepping:
        begun = await drill.begin(stage.client, sample)
        wait = drill.random.uniform(0, max(0, calm[sample] - 2 * LATENCY))  # the last step is later
        hitting.append(hit_holder(stage, begun, blow, wait, LATENCY / 4))
    hits = await asyncio.gather(*hitting)
    for performance, hit in hits:
        drill.promise(hit, f"{performance.sample}: no step was met, so no worker was hit")
    drill.say(f"{sum(hit for _, hit in hits)} workers were hit in the middle of a step")
    return [performance for performance, _ in hits]


async def hit_holder(
    stage: Stage,
    performance: Performance,
    blow: Callable[[Worker], Awaitable[None]],
    wait: float,
    into: float,
) -> tuple[Performance, bool]:
    """Wait, then hit the worker that runs a step of a workflow, so far into the step.

    Returns whether there was one.
    """
    await asyncio.sleep(wait)
    pid = await performance.holder()
    await asyncio.sleep(into)
    holders = stage.alive(lambda worker: worker.process.pid == pid)
    for worker in holders:
        await blow(worker)
    return performance, bool(holders)


async def worker_hung(drill: Drill) -> None:
    """A worker that hangs in the middle of a step holds up nobody for more than a minute, and does nothing twice
    when it wakes up."""
    hung: list[Worker] = []

    async def hang(worker: Worker) -> None:
        worker.process.send_signal(signal.SIGSTOP)
        hung.append(worker)

    async with drill.stage(LATENCY) as stage:
        await stage.start_workers(drill.domains, each=2)
        calm = await undisturbed(drill, stage)
        performances = await hit_all(drill, stage, calm, hang)
        more = await begin_all(drill, stage.client, drill.firsts)
        waking = asyncio.create_task(wake_up(hung))
        for end in await drill.ends([*performances, *more]):
            # The server gives tasks to the polls of one that hangs, and takes them back one by one.
            late = end.seconds - calm[end.sample]
            drill.promise(late <= HELD_UP_SECONDS, f"{end.sample}: went on {late:.1f} s late")
        await waking
        await drill.ends(await begin_all(drill, stage.client, drill.firsts))


async def wake_up(workers: list[Worker]) -> None:
    """Let workers go on after a while."""
    await asyncio.sleep(8)
    for worker in workers:
        worker.process.send_signal(signal.SIGCONT)


async def worker_stopped(drill: Drill) -> None:
    """SIGTERM under load: the steps under way end, no attempt is lost, the rest goes on elsewhere."""
    sample = drill.firsts[0]
    async with drill.stage(latency=0.3) as stage:
        await stage.start_workers([sample.domain], each=2)
        leaving = stage.workers[0]
        loading = asyncio.create_task(load_for(drill, stage.client, [sample], rate=5, seconds=6))
        await asyncio.sleep(3)
        stopping = asyncio.create_task(leaving.stop())
        await asyncio.sleep(0.2)
        unready = await leaving.status("readyz")  # 0 if it is gone already
        code, seconds = await stopping
        drill.promise(unready in {0, 503}, f"a worker that stops answers {unready} to /readyz")
        drill.promise(code == 0, f"a worker that was stopped ended with {code}")
        drill.promise(seconds < 30, f"a worker took {seconds:.0f} s to stop")
        drill.figures["stopped within"] = f"{seconds:.1f} s"
        await end_without_loss(drill, await loading)


async def worker_forced(drill: Drill) -> None:
    """SIGTERM waits for a step under way, but a second one ends the worker at once; the step is repeated."""
    sample = drill.firsts[0]
    async with drill.stage(latency=4) as stage:
        await stage.start_workers([sample.domain])
        [worker] = stage.workers
        held = await drill.begin(stage.client, sample)
        await held.holder()
        worker.process.terminate()
        await asyncio.sleep(1.2)  # Ctrl-C may reach a process twice, within a second
        drill.promise(worker.running, "the worker did not wait for its step")
        code, seconds = await worker.stop()
        drill.promise(code == 1, f"a worker ended by force ended with {code}")
        drill.promise(seconds < 1, f"the second SIGTERM took {seconds:.1f} s")
        drill.figures["ended within"] = f"{seconds:.1f} s"
        await stage.start_workers([sample.domain])
        await drill.ends([held])


async def rolling_restart(drill: Drill) -> None:
    """Workers are replaced one after the other under load: no attempt is lost."""
    async with drill.stage(latency=0.3) as stage:
        await stage.start_workers(drill.domains, each=copies(drill))
        replaced = False
        loading = asyncio.create_task(
            drill.load(stage.client, drill.firsts, rate=4, until=lambda: replaced)
        )
        for old in list(stage.workers):
            await asyncio.sleep(1)
            await stage.start_workers([old.domain])  # as with maxSurge 1, maxUnavailable 0
            code, seconds = await old.stop()
            drill.say(f"a worker of {old.domain.name} is replaced, it stopped in {seconds:.1f} s")
            drill.promise(code == 0, f"a worker of {old.domain.name} ended with {code}")
        replaced = True
        await end_without_loss(drill, await loading)


async def server_restarted(drill: Drill) -> None:
    """The server is killed, then stopped, for half a minute: no worker gives up, all work goes on."""
    async with drill.stage() as stage:
        await stage.start_workers(drill.domains)
        for number, seconds in ((signal.SIGKILL, 2), (signal.SIGTERM, 30)):
            performances = await load_for(drill, stage.client, drill.patient, rate=5, seconds=4)
            await stage.server.stop(number)
            drill.say(f"the server is gone for {seconds} s")
            for _ in range(seconds):
                await asyncio.sleep(1)
                await all_live(drill, stage)
            await stage.server.start()
            back = time.monotonic()
            await drill.ends(performances)
            drill.figures[f"after {seconds} s, all done within"] = (
                f"{time.monotonic() - back:.1f} s"
            )
        await stop_all(drill, stage)


async def server_unreachable(drill: Drill) -> None:
    """The network resets, refuses, swallows and delays what workers say: no worker gives up, nothing is lost."""
    async with drill.stage() as stage:
        await stage.start_workers(drill.domains)
        over = False
        loading = asyncio.create_task(
            drill.load(stage.client, drill.patient, rate=5, until=lambda: over)
        )
        await asyncio.sleep(2)
        for trouble, begin, end in network_troubles(stage):
            drill.say(f"the network {trouble}")
            begin()
            await asyncio.sleep(5)
            end()
            await all_live(drill, stage)
            await asyncio.sleep(1)
        over = True
        mended = time.monotonic()
        await drill.ends(await loading)
        drill.figures["all done within"] = f"{time.monotonic() - mended:.1f} s"
        await stop_all(drill, stage)


def network_troubles(stage: Stage) -> list[tuple[str, Callable[[], None], Callable[[], None]]]:
    """What a network does, how it begins, and how it ends."""
    proxy = stage.proxy

    def cut() -> None:
        proxy.refusing = True
        proxy.reset()

    def change(name: str, value: float | bool) -> Callable[[], None]:
        return lambda: setattr(proxy, name, value)

    return [
        ("resets all connections", proxy.reset, lambda: None),
        ("refuses connections", cut, change("refusing", False)),
        ("swallows all data", change("silent", True), change("silent", False)),
        ("delays all data", change("delay", 0.3), change("delay", 0.0)),
    ]


async def services_failing(drill: Drill) -> None:
    """One call in five fails, one in five is done but not answered, some workflows are cancelled: nothing happens
    twice, and what does not complete leaves nothing behind."""
    async with drill.stage(trouble=0.2) as stage:
        await stage.start_workers(drill.domains)
        count = max(150, 6 * len(drill.script))
        drill.say(f"{count} workflows")
        performances = await drill.load(
            stage.client, list(drill.script), rate=15, until=lambda: True, at_least=count
        )
        strict = all_or_nothing(drill.script)
        # One that fails is cancelled too, which must not keep it from undoing what it did.
        candidates = [
            each
            for each in performances
            if each.sample.domain.name in strict and each.sample in drill.patient
        ]
        withdrawing = [
            asyncio.create_task(each.withdraw(events=drill.random.randint(5, 25)))
            for each in drill.random.sample(candidates, len(candidates) // 2)
        ]
        await drill.ends(performances)
        await asyncio.gather(*withdrawing)
        drill.figures["cancelled in the middle"] = str(len(withdrawing))
        undone = sum(row.happened and row.undone for row in drill.ledger.effects(""))
        drill.figures["effects undone"] = str(undone)


async def scratch_full(drill: Drill) -> None:
    """A worker that can write to no file, as if every disk were full, works as any other."""
    async with drill.stage() as stage:
        limit = ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh"]
        workers = [await stage.worker(domain, prefix=limit) for domain in drill.domains]
        await asyncio.gather(*(worker.ready() for worker in workers))
        await perform_all(drill, stage.client, list(drill.script))
        await stop_all(drill, stage)


async def clock_skewed(drill: Drill) -> None:
    """A worker whose clock is a year behind works as any other: deadlines are those of the server."""
    async with drill.stage() as stage, await start_time_skipping_server() as other:
        await other.sleep(365 * 24 * 3600)
        address = other.client.service_client.config.target_host
        for domain in drill.domains:
            prefix = ["env", f"TEMPORAL_ADDRESS={address}"]
            await (await stage.worker(domain, prefix)).ready()
        client = await Client.connect(address, data_converter=other.client.data_converter)
        for sample in drill.patient:  # one at a time: more is too much for this server
            await drill.ends([await drill.begin(client, sample)])


async def everything(drill: Drill) -> None:
    """20 workers are killed, the server is 3 times killed, the network 3 times cut: nothing is lost or doubled."""
    async with drill.stage() as stage:
        await stage.start_workers(drill.domains, each=2)
        disturbing = asyncio.create_task(disturb(drill, stage))
        performances = await drill.load(
            stage.client, drill.patient, rate=5, until=lambda: True, at_least=500
        )
        await disturbing  # which may have failed
        calm = time.monotonic()
        await drill.ends(performances)
        drill.figures["all done within"] = f"{time.monotonic() - calm:.1f} s"


async def disturb(drill: Drill, stage: Stage) -> None:
    """Kill workers and the server, and cut the network, in an order that the seed decides."""
    blows = ["a worker is killed"] * 20 + ["the server is killed"] * 3 + ["the network is cut"] * 3
    drill.random.shuffle(blows)
    starting: list[asyncio.Task[None]] = []
    for number, blow in enumerate(blows, start=1):
        await asyncio.sleep(drill.random.uniform(0.5, 3))
        drill.say(f"{number} of {len(blows)}: {blow}")
        match blow:
            case "a worker is killed":
                worker = drill.random.choice(await with_another(stage))
                await worker.kill()
                starting.append(asyncio.create_task((await stage.worker(worker.domain)).ready()))
            case "the server is killed":
                await stage.server.stop(signal.SIGKILL)
                await asyncio.sleep(drill.random.uniform(0, 3))
                await stage.server.start()
            case _:
                stage.proxy.refusing = True
                stage.proxy.reset()
                await asyncio.sleep(drill.random.uniform(1, 4))
                stage.proxy.refusing = False
    await asyncio.gather(*starting)


async def with_another(stage: Stage) -> list[Worker]:
    """The workers beside which another one works for their domain; waits until there are any."""
    async with asyncio.timeout(START_SECONDS):
        while True:
            working = stage.alive(lambda worker: worker.working)
            count = Counter(worker.domain for worker in working)
            if found := [worker for worker in working if count[worker.domain] > 1]:
                return found
            await asyncio.sleep(0.1)


async def begin_all(drill: Drill, client: Client, samples: Iterable[Sample]) -> list[Performance]:
    """Start a workflow of each sample."""
    return [await drill.begin(client, sample) for sample in samples]


async def perform_all(drill: Drill, client: Client, samples: Iterable[Sample]) -> list[Ended]:
    """Run a workflow of each sample to its end."""
    return await drill.ends(await begin_all(drill, client, samples))


async def load_for(
    drill: Drill, client: Client, samples: list[Sample], rate: float, seconds: float
) -> list[Performance]:
    """Start so many workflows a second, for so long."""
    end = time.monotonic() + seconds
    return await drill.load(client, samples, rate, until=lambda: time.monotonic() > end)


def copies(drill: Drill) -> int:
    """How many workers of each domain there is room for."""
    return 2 if len(drill.domains) <= 3 else 1


async def restore(stage: Stage) -> None:
    """Start a worker for each that was killed."""
    dead = [worker for worker in stage.workers if not worker.running]
    for worker in dead:
        stage.workers.remove(worker)
    await stage.start_workers([worker.domain for worker in dead])


async def all_live(drill: Drill, stage: Stage) -> None:
    """Promise that each worker runs and counts as alive."""
    for worker in stage.workers:
        alive = worker.running and await worker.status("livez") == 200
        drill.promise(alive, f"a worker of {worker.domain.name} gave up")


async def stop_all(drill: Drill, stage: Stage) -> None:
    """Promise that each worker can be stopped."""
    for code, _ in await asyncio.gather(*(worker.stop() for worker in stage.alive())):
        drill.promise(code == 0, f"a worker ended with {code}")


async def end_without_loss(drill: Drill, performances: list[Performance]) -> None:
    """Promise that no attempt of any activity was lost."""
    await drill.ends(performances)
    started = [
        event.activity_task_started_event_attributes
        for each in performances
        async for event in each.handle.fetch_history_events()
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    ]
    lost = [
        each.last_failure.message
        for each in started
        # An activity that waits for long hands over by itself when its worker stops.
        if each.attempt > 1 and each.last_failure.application_failure_info.type != "WorkerStopping"
    ]
    drill.promise(not lost, f"{len(lost)} attempts were lost, one by: {''.join(lost[:1])}")
    drill.figures["activities"] = str(len(started))


DRILLS: dict[str, Callable[[Drill], Awaitable[None]]] = {
    drill.__name__.replace("_", "-"): drill
    for drill in (
        worker_killed,
        worker_hung,
        worker_stopped,
        worker_forced,
        rolling_restart,
        server_restarted,
        server_unreachable,
        services_failing,
        scratch_full,
        clock_skewed,
        everything,
    )
}

ALONE = "everything"
"""The drill that is run only if it is named: it takes as long as all the others."""
