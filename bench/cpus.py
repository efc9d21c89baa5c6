"""Which CPUs a measurement uses, and who used them."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
GONE = (FileNotFoundError, ProcessLookupError)  # a thread or process that has ended since it was listed


@dataclass(frozen=True)
class Pins:
    """The words before each command that bind it to its CPU."""

    server: tuple[str, ...]
    wrk: tuple[str, ...]
    cpus: tuple[int, ...]
    description: str


def choose_pins() -> Pins:
    allowed = sorted(os.sched_getaffinity(0))
    server = allowed[0]
    siblings = _siblings_of(server)
    others = [cpu for cpu in allowed[1:] if cpu not in siblings] or allowed[1:]
    if not others:
        return Pins((), (), (server,), "not pinned: there is one CPU, which server and wrk share")
    shared = ", hardware threads of one core" if others[0] in siblings else ""
    description = f"server on CPU {server}, wrk on CPU {others[0]}{shared}"
    return Pins(_pinned_to(server), _pinned_to(others[0]), (server, others[0]), description)


def _pinned_to(cpu: int) -> tuple[str, ...]:
    return ("taskset", "--cpu-list", str(cpu))


def _siblings_of(cpu: int) -> set[int]:
    """The hardware threads of its core. They share its units, so wrk on one of them would slow the server."""
    try:
        text = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text()
    except OSError:
        return {cpu}
    spans = [span.split("-") for span in text.strip().split(",")]
    return {sibling for span in spans for sibling in range(int(span[0]), int(span[-1]) + 1)}


def process_seconds(pid: int) -> tuple[float, float]:
    """User and system time of all threads, and of the children that it has now: nginx serves in some where it has
    more than one worker."""
    user, system = _own_seconds(pid)
    for child in _children_of(pid):
        with suppress(*GONE):
            child_user, child_system = _own_seconds(child)
            user, system = user + child_user, system + child_system
    return user, system


def _own_seconds(pid: int) -> tuple[float, float]:
    """Fields 14 and 15 of proc(5). Field 2, a name, may hold spaces."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) / TICKS_PER_SECOND, int(fields[12]) / TICKS_PER_SECOND


def _children_of(pid: int) -> list[int]:
    children: list[int] = []
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(*GONE):
            children += map(int, listing.read_text().split())
    return children


def busy_seconds(cpus: Sequence[int]) -> float:
    """What everybody together, the hypervisor included, took of these CPUs (/proc/stat in proc(5))."""
    names = {f"cpu{cpu}" for cpu in cpus}
    ticks = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name in names:
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[:8])
            ticks += user + nice + system + irq + softirq + steal
    return ticks / TICKS_PER_SECOND
