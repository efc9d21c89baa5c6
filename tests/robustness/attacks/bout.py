"""One row against one server."""

import multiprocessing
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from measuring import servers
from measuring.servers import Server, ServerError

from attacks import contestants, requests
from attacks.assailants import Assailants
from attacks.cgroups import Group, limited_to
from attacks.contestants import Behind
from attacks.gauges import Gauge, Peaks, sockets
from attacks.habit import Tally
from attacks.healthy import Figures, HealthyClient, Plan
from attacks.places import Places
from attacks.rows import Row
from attacks.settings import MIB

MOST_KEPT = 10 * MIB  # own memory after an attack
MOST_KERNEL_KEPT = 16 * MIB  # the same of the kernel, where others may have some
KEPT_EVERY = 0.005  # seconds, from one request of a healthy client to its next
NEW_EVERY = 0.05
QUICK_SLOWER = 4  # times
GRACE_SECONDS = 1.0  # after an attack, for requests that are late by then
QUICK_GRACE_SECONDS = 15.0  # where time is not judged
SETTLING_SECONDS = 10.0  # until that is so, and until sockets are closed


@dataclass(frozen=True)
class Circumstances:
    """What all bouts of a run share."""

    chopin: Path
    behind: Behind
    places: Places
    seconds: float
    is_quick: bool

    def seconds_of(self, row: Row) -> float:
        return (row.quick_seconds or 0) if self.is_quick else max(row.seconds, self.seconds)

    def plan(self, row: Row, port: int, keeps: bool) -> Plan:
        """Of a healthy client."""
        every = (KEPT_EVERY if keeps else NEW_EVERY) * (QUICK_SLOWER if self.is_quick else 1)
        grace = QUICK_GRACE_SECONDS if self.is_quick else GRACE_SECONDS
        return Plan(port, keeps, every, self.seconds_of(row), grace, self.places.clients)


@dataclass
class Outcome:
    kept: Figures  # of the healthy client that keeps its connection
    new: Figures  # of the one that does not
    peaks: Peaks
    own_kept: int | None  # bytes, after the attack; None if the server has ended
    kernel_kept: int
    leaked_sockets: int
    kills: int | None  # by the OOM killer; None if not run in a control group
    end: str  # how the server ended if not as it should
    tally: Tally


def fight(row: Row, name: str, run: Circumstances) -> Outcome:
    with limited_to(row.cgroup_bytes) as group:
        settings = row.settings
        if row.cgroup_bytes is not None and group is None:  # it cannot find the limit out
            settings = replace(settings, memory_bytes=row.cgroup_bytes // 2)
        program = contestants.program(name, run.chopin, settings, run.behind)
        prefix = (*(group.prefix if group else ()), *run.places.server)
        with servers.running(program, prefix) as server:
            _warm_up(server)
            return _attacked(row, server, group, run)


def _warm_up(server: Server) -> None:
    """Pages that the first request of a kind touches are no cost of an attack."""
    with servers.Client(server.port) as client:
        for request in (requests.GET, requests.GET_OF_ROUTER, requests.json_upload(1000)):
            client.send(request)
            client.response()


def _attacked(row: Row, server: Server, group: Group | None, run: Circumstances) -> Outcome:
    def alive() -> bool:
        return server.process.poll() is None

    before = sockets(server.pid) or 0
    gauge = Gauge(server.pid)
    seconds, cpu = run.seconds_of(row), run.places.clients
    gone = multiprocessing.Event()
    with Assailants(row, server.port, seconds, cpu) as assailants:
        clients = [HealthyClient(run.plan(row, server.port, keeps), gone) for keeps in (True, False)]
        gauge.watch(seconds, alive)
        if not alive():
            gone.set()
        kept, new = (client.figures() for client in clients)
        tally = assailants.stop()
    own_kept, kernel_kept = gauge.settled(MOST_KEPT, MOST_KERNEL_KEPT, SETTLING_SECONDS)
    leaked = _settled(lambda: (sockets(server.pid) or 0) - before)
    kills = group.kills() if group else None
    ending = _ending(server)
    return Outcome(kept, new, gauge.peaks, own_kept, kernel_kept, leaked, kills, ending, tally)


def _settled(surplus: Callable[[], int]) -> int:
    """Zero or less, or what is left after a while."""
    end = time.monotonic() + SETTLING_SECONDS
    while (left := surplus()) > 0 and time.monotonic() < end:
        time.sleep(0.1)
    return left


def _ending(server: Server) -> str:
    status = server.process.poll()
    if status is not None:
        what = signal.Signals(-status).name if status < 0 else f"status {status}"
        return f"ended by itself: {what}"
    try:
        server.stop()
    except ServerError as error:
        return str(error).splitlines()[0]
    return ""
