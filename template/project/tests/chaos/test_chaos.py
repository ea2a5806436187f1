"""The shortest failure drill; `make chaos` runs all of them."""

from pathlib import Path

from dev.domains import domain, domain_names
from dev.services import Ledger
from tests.chaos.drill import Drill
from tests.chaos.drills import DRILLS, hit_holder
from tests.chaos.judgement import rehearse
from tests.chaos.stage import Worker, stage


async def test_killed_in_the_middle_of_a_step_a_worker_loses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    first, ledger = domain(domain_names()[0]), tmp_path / "ledger.sqlite"
    async with stage(tmp_path / "stage", ledger, latency=0.3) as play:
        await play.start_workers([first], each=2)
        script, skipped = await rehearse(play.client, Ledger(ledger), [first], firsts_only=True)
        assert not skipped
        drill = Drill("test", tmp_path, ledger, script, seed="")
        begun = await drill.begin(play.client, drill.firsts[0])
        killed, hit = await hit_holder(play, begun, Worker.kill, wait=0, into=0.1)
        assert hit
        await drill.ends([killed])
        assert len(play.alive()) == 1

    assert not play.alive()
    assert not drill.faults


def test_no_drill_is_left_out() -> None:
    workers = {"worker-killed", "worker-hung", "worker-stopped", "worker-forced"}
    others = {"rolling-restart", "server-restarted", "server-unreachable", "services-failing"}
    hosts = {"scratch-full", "clock-skewed", "everything"}
    gone = (workers | others | hosts) - DRILLS.keys()

    assert not gone, "back into DRILLS: docs/how-to/run-failure-drills.md promises them"
