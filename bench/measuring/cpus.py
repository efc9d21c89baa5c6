"""Which CPUs a measurement uses, and the CPU time that processes took."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
GONE = (FileNotFoundError, ProcessLookupError)  # a thread or process that has ended since it was listed


@dataclass(frozen=True)
class Pins:
    """The command prefixes that bind server and client to their CPUs."""

    server: tuple[str, ...]
    client: tuple[str, ...]
    cpus: tuple[int, ...]
    description: str
    server_count: int = 1
    client_count: int = 1


def core_count() -> int:
    """The cores that this process may use, however many hardware threads they have."""
    return len(_one_of_each_core(_allowed()))


def choose_pins(server_count: int = 1, client_count: int = 1) -> Pins:
    """Hardware threads share a core's units: server and client share a core only if there are too few."""
    allowed = _allowed()
    spread = _one_of_each_core(allowed)
    wanted = server_count + client_count
    chosen = (spread + [cpu for cpu in allowed if cpu not in spread])[:wanted]
    if len(chosen) < wanted:
        there = "is one CPU" if len(allowed) == 1 else f"are {len(allowed)} CPUs"
        description = f"not pinned: there {there}, which server and load generator share"
        return Pins((), (), tuple(allowed), description, server_count, client_count)
    server, client = (",".join(map(str, cpus)) for cpus in (chosen[:server_count], chosen[server_count:]))
    shared = "" if wanted <= len(spread) else ", hardware threads of the same cores"
    description = f"server on CPU {server}, load generator on CPU {client}{shared}"
    prefixes = [("taskset", "--cpu-list", cpus) for cpus in (server, client)]
    return Pins(prefixes[0], prefixes[1], tuple(chosen), description, server_count, client_count)


def _allowed() -> list[int]:
    return sorted(os.sched_getaffinity(0))


def _one_of_each_core(cpus: Sequence[int]) -> list[int]:
    return [cpu for cpu in cpus if cpu == min(_siblings_of(cpu) & set(cpus))]


def _siblings_of(cpu: int) -> set[int]:
    """The hardware threads of its core."""
    try:
        text = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text()
    except OSError:
        return {cpu}
    spans = [span.split("-") for span in text.strip().split(",")]
    return {sibling for span in spans for sibling in range(int(span[0]), int(span[-1]) + 1)} | {cpu}


def stat_of(path: str) -> list[str]:
    """The fields of a stat file in proc(5) from the third on. The second, a name, may hold spaces."""
    return Path(path).read_text().rpartition(")")[2].split()


def process_seconds(pid: int) -> tuple[float, float]:
    """User and system time of all threads and of current children: nginx with more than one worker serves in
    children."""
    user = system = 0
    for member in family_of(pid):
        with suppress(*(GONE if member != pid else ())):
            fields = stat_of(f"/proc/{member}/stat")
            user, system = user + int(fields[11]), system + int(fields[12])
    return user / TICKS_PER_SECOND, system / TICKS_PER_SECOND


def cpu_seconds(pid: int) -> float:
    """User and system time together."""
    return sum(process_seconds(pid))


def family_of(pid: int) -> list[int]:
    """The process, its children and theirs."""
    members = [pid]
    for member in members:
        with suppress(*GONE):  # the process, or one of its threads, may end meanwhile
            for listing in Path(f"/proc/{member}/task").glob("*/children"):
                with suppress(*GONE):
                    members += map(int, listing.read_text().split())
    return members


def busy_seconds(cpus: Sequence[int]) -> float:
    """Time of these CPUs taken by all processes and the hypervisor (/proc/stat in proc(5))."""
    names = {f"cpu{cpu}" for cpu in cpus}
    ticks = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name in names:
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields[:8])
            ticks += user + nice + system + irq + softirq + steal
    return ticks / TICKS_PER_SECOND
