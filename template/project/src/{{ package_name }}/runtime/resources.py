"""How much CPU and memory this process may use, so that its usage can be seen as a share of it."""

import os
import sys
from pathlib import Path

from prometheus_client import Gauge

CPU = Gauge("process_cpu_limit_cores", "CPU that the process may use")
MEMORY = Gauge("process_memory_limit_bytes", "Memory that the process may use")


def tell_limits(cgroup: Path = Path("/sys/fs/cgroup")) -> None:
    """Measure the limits of the container (cgroup v2), or the machine where there are none.

    Only on Linux, where the usage is measured too.
    """
    if sys.platform != "linux":
        return
    quota, _, period = _limit(cgroup / "cpu.max").partition(" ")
    CPU.set((os.cpu_count() or 1) if quota == "max" else int(quota) / int(period))
    memory = _limit(cgroup / "memory.max")
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    MEMORY.set(machine if memory == "max" else int(memory))


def _limit(file: Path) -> str:
    return file.read_text("utf-8").strip() if file.is_file() else "max"
