"""One row against one server."""

import multiprocessing
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import servers
from servers import Server, ServerError

from attacks import contestants, requests
from attacks.assailants import Assailants
from attacks.cgroups import Group, limited_to
from attacks.contestants import Behind
from attacks.gauges import Gauge, Peaks, sockets
from attacks.habit import Tally
from attacks.healthy import Figures, HealthyClient
from attacks.places import Places
from attacks.rows import Row
from attacks.settings import MIB

MOST_KEPT = 10 * MIB  # own memory after an attack
SETTLING_SECONDS = 10.0  # until that is so, and until sockets are closed


@dataclass(frozen=True)
class Circumstances:
    """What all bouts of a run share."""

    chopin: Path
    behind: Behind
    places: Places
    seconds: float
    share: float  # of a row's connections
    is_quick: bool

    def seconds_of(self, row: Row) -> float:
        return (row.quick_seconds or 0) if self.is_quick else max(row.seconds, self.seconds)


@dataclass
class Outcome:
    kept: Figures  # of the healthy client that keeps its connection
    new: Figures  # of the one that does not
    peaks: Peaks
    own_kept: int | None  # bytes, after the attack; None if the server has ended
    leaked_sockets: int
    kills: int | None  # by the OOM killer; None if not run in a control group
    end: str  # how the server ended if not as it should
    tally: Tally


def fight(row: Row, name: str, all_share: Circumstances) -> Outcome:
    with limited_to(row.cgroup_bytes) as group:
        program = contestants.program(name, all_share.chopin, row.settings, all_share.behind)
        prefix = (*(group.prefix if group else ()), *all_share.places.server)
        with servers.running(program, prefix) as server:
            _warm_up(server)
            return _attacked(row, server, group, all_share)


def _warm_up(server: Server) -> None:
    """Pages that the first request of a kind touches are no cost of an attack."""
    with servers.Client(server.port) as client:
        for request in (requests.GET, requests.GET_OF_ROUTER, requests.json_upload(1000)):
            client.send(request)
            client.response()


def _attacked(row: Row, server: Server, group: Group | None, all_share: Circumstances) -> Outcome:
    def alive() -> bool:
        return server.process.poll() is None

    before = sockets(server.pid) or 0
    gauge = Gauge(server.pid)
    seconds, cpu = all_share.seconds_of(row), all_share.places.clients
    gone = multiprocessing.Event()
    assailants = Assailants(row, server.port, seconds, all_share.share, cpu)
    clients = [HealthyClient(server.port, keeps, seconds, gone, cpu) for keeps in (True, False)]
    gauge.watch(seconds, alive)
    if not alive():
        gone.set()
    kept, new = (client.figures() for client in clients)
    tally = assailants.stop()
    own_kept = gauge.kept(MOST_KEPT, SETTLING_SECONDS, alive)
    leaked = _settled(lambda: (sockets(server.pid) or 0) - before)
    kills = group.kills() if group else None
    return Outcome(kept, new, gauge.peaks, own_kept, leaked, kills, _ending(server), tally)


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
