"""What `/plaintext` feels of routes with a database on the same worker: while `/updates` saturates PostgreSQL, while
passwords are hashed in all the time that is left, and while PostgreSQL is restarted."""

import os
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from measuring import cpus, servers
from measuring.data import logins
from measuring.data.database import Database, Pins
from measuring.data.routes import ROUTES, with_tokens
from measuring.load.bounded_run import Load
from measuring.load.chopin_load import CHOPIN_LOAD, WARM_UP_SECONDS, ChopinLoad
from measuring.load.sample import ratios, spread
from measuring.load.workload import Workload
from measuring.load.wrk import WRK
from measuring.progress import Progress
from measuring.servers import Server, ServerError

REQUESTS = Workload(connections=16, rate=1000)  # /plaintext: 1 % of a CPU
FIRST_JSON_RATE = 20_000
RESTARTS = 10
RESTART_SECONDS = 2  # from one to the next
RESTART_RATE = 2000  # of /db
BACK_SECONDS = 10


@dataclass(frozen=True)
class Felt:
    """One run. Latencies of /plaintext in seconds; the share of a CPU that the server took."""

    latencies: dict[str, float]
    share: float
    rounds: str  # of the event loop, as the log has them


@dataclass(frozen=True)
class Restarted(Felt):
    back: list[float]  # seconds from when PostgreSQL accepted to the first 200
    statuses: str  # of /db
    hung: int


Felts = dict[str, list[Felt]]  # by what else the server did
Other = Callable[[Server, int], Load]  # what loads the server beside the probe, for so many seconds


class _Probe(ChopinLoad):
    """It must not poll: it shares the server's CPU."""

    def options_of_own_cpu(self, work: Workload) -> list[str]:
        return []


def _first_in_line() -> tuple[str, ...]:
    """The probe shares its CPU with the server, and runs whenever it wants to: else its own wait would count."""
    return ("chrt", "--fifo", "1") if os.geteuid() == 0 else ()


@dataclass(frozen=True)
class Neighbours:
    """One run of the benchmark: where, how long and how often."""

    database: Database
    pins: Pins
    build_dir: Path
    port: int
    clients: int
    rounds: int
    seconds: int
    progress: Progress

    @contextmanager
    def _measured(self) -> Iterator[Server]:
        program = servers.chopin(self.build_dir, self.port, "--log-level", "debug", mode=servers.COMPOSED)
        program = with_tokens(program.with_variables(DATABASE_URL=self.database.url))
        with servers.running(program, self.pins.clients) as server:
            yield server

    def _probe(self, server: Server, seconds: int) -> tuple[Load, float]:
        """And the share of a CPU that the server took meanwhile."""
        before, began = cpus.cpu_seconds(server.pid), time.monotonic()
        probe = _Probe()
        probe.build_dir = self.build_dir
        felt = probe.run(server.url_of(servers.PATH), REQUESTS, seconds, (*self.pins.clients, *_first_in_line()))
        share = (cpus.cpu_seconds(server.pid) - before) / (time.monotonic() - began)
        return felt.without_errors(servers.PATH), share

    def _beside(self, other: Other) -> Felt:
        """While `other` loads the server, from PostgreSQL's CPU."""
        with self._measured() as server, ThreadPoolExecutor() as pool:
            loaded = pool.submit(other, server, self.seconds + 2 * WARM_UP_SECONDS)
            felt, share = self._probe(server, self.seconds)
            loaded.result().without_errors("the other load")
            return Felt(felt.latencies, share, _rounds(server))

    def _saturating(self, path: str) -> Other:
        work = Workload(connections=self.clients)
        return lambda server, seconds: WRK.run(server.url_of(path), work, seconds, self.pins.postgres)

    def _json_at(self, rate: float) -> Other:
        work, prefix = Workload(connections=self.clients, rate=int(rate)), self.pins.postgres

        def run(server: Server, seconds: int) -> Load:
            return CHOPIN_LOAD.run(server.url_of(servers.JSON_PATH), work, seconds - WARM_UP_SECONDS, prefix)

        return run

    def beside_updates(self) -> Felts:
        """`/updates`, and composed `/json` at the rate that takes as much CPU; the first run only finds this rate."""
        rate = float(FIRST_JSON_RATE)
        found: Felts = {"/updates?queries=20": [], "composed /json": []}
        for turn in range(self.rounds + 1):
            self.progress.step(f"{servers.PATH} beside /updates")
            first = self._beside(self._saturating(ROUTES["updates"].path))
            self.progress.step(f"{servers.PATH} beside /json")
            second = self._beside(self._json_at(rate))
            rate *= first.share / second.share
            if turn > 0:
                for felts, felt in zip(found.values(), (first, second), strict=True):
                    felts.append(felt)
        return found

    def beside_logins(self) -> Felts:
        """Hashing takes all that is left of the server's CPU, in threads that run when nothing else wants to. So does
        composed `/json` under wrk: at a fixed rate that takes as much, its queue would only grow."""
        others: dict[str, Other] = {
            "signup and login": lambda server, seconds: logins.run(server.port, seconds, self.pins.postgres_cpu),
            "nothing": lambda server, seconds: Load(0, 0.0, 0.0, 0.0, ()),
            "composed /json": self._saturating(servers.JSON_PATH),
        }
        found: Felts = {name: [] for name in others}
        for _ in range(self.rounds):
            for name, other in others.items():
                self.progress.step(f"{servers.PATH} beside {name}")
                found[name].append(self._beside(other))
        return found

    def _under_restarts(self, times: int) -> Restarted:
        """`/db` at a fixed rate from PostgreSQL's CPU, while PostgreSQL is restarted so often."""
        lasting = RESTARTS * RESTART_SECONDS
        work, prefix = Workload(connections=self.clients, rate=RESTART_RATE), self.pins.postgres
        with self._measured() as server, ThreadPoolExecutor() as pool:
            loaded = pool.submit(CHOPIN_LOAD.run, server.url_of(ROUTES["db"].path), work, lasting, prefix)
            probed = pool.submit(self._probe, server, lasting)
            back = []
            for _ in range(times):
                time.sleep(RESTART_SECONDS / 2)
                self.database.cluster.stop()
                self.database.cluster.start(prefix=prefix)
                back.append(_seconds_until_served(server))
            felt, share = probed.result()
            errors = loaded.result().errors
            statuses = "; ".join(text for text in errors if "status" in text) or "all 200"
            return Restarted(felt.latencies, share, _rounds(server), back, statuses, hung(errors))

    def restarted(self) -> Felts:
        found: Felts = {f"{RESTARTS} restarts": [], "none": []}
        for _ in range(self.rounds):
            for name, times in zip(found, (RESTARTS, 0), strict=True):
                self.progress.step(f"{servers.PATH}, {name}")
                found[name].append(self._under_restarts(times))
        return found


SCENARIOS: dict[str, Callable[[Neighbours], Felts]] = {
    "beside-updates": Neighbours.beside_updates,
    "beside-logins": Neighbours.beside_logins,
    "restarts": Neighbours.restarted,
}


def steps_of(name: str, rounds: int) -> int:
    return 3 * rounds if name == "beside-logins" else 2 * (rounds + (name == "beside-updates"))


def _rounds(server: Server) -> str:
    server.stop()
    said = re.search(r"measured=(\d+) over_1_ms=(\d+) longest_us=(\d+)", server.report())
    if said is None:
        raise ServerError(f"{server.name} does not say how long its rounds took: {server.report()[-2000:]}")
    return f"{int(said[2])} of {int(said[1]):,} rounds over 1 ms, the longest {int(said[3]) / 1000:.1f} ms"


def _seconds_until_served(server: Server) -> float:
    """Of /db, from now."""
    began = time.monotonic()
    while time.monotonic() < began + BACK_SECONDS:
        with suppress(ServerError, OSError), servers.Client(server.port) as client:
            if client.get(ROUTES["db"].path).status == 200:
                return time.monotonic() - began
        time.sleep(0.005)
    raise ServerError(f"/db did not return within {BACK_SECONDS} s")


def hung(errors: Sequence[str]) -> int:
    """Requests without a response, of what the load client complains of."""
    return sum(int(text.split()[0]) for text in errors if "status" not in text)


def p99_ratios(felts: Sequence[Felt], control: Sequence[Felt]) -> list[float]:
    """Round by round."""
    return ratios(*([felt.latencies["p99"] for felt in side] for side in (felts, control)))


def report(name: str, found: Felts) -> None:
    print(f"\n{servers.PATH} at {REQUESTS.rate:,} requests/s on {REQUESTS.connections} connections: {name}")
    print(f"{'':<22}{'p50 us':>8}{'p99 us':>8}{'p99.9 us':>10}{'CPU':>6}  p99 to the last row's")
    *_, control = found.values()
    for load_name, felts in found.items():
        names = ("p50", "p99", "p99.9")
        p50, p99, p999 = (statistics.median(felt.latencies[name] for felt in felts) * 1e6 for name in names)
        share = statistics.median(felt.share for felt in felts)
        print(
            f"{load_name:<22}{p50:>8.0f}{p99:>8.0f}{p999:>10.0f}{share:>6.0%}  {spread(p99_ratios(felts, control), 2)}"
        )
    for load_name, felts in found.items():
        for felt in felts:
            print(f"{load_name}: {felt.rounds}")
            if isinstance(felt, Restarted) and felt.back:
                slowest = max(felt.back)
                print(f"  /db: {felt.hung} hung, back within {slowest:.3f} s each time; {felt.statuses}")
