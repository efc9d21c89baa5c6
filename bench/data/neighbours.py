"""What `/plaintext` feels of routes with a database on the same worker: while `/updates` saturates PostgreSQL, while
passwords are hashed in all the time that is left, and while PostgreSQL is restarted."""

import os
import re
import statistics
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import cpus
import load
import servers
import wrk
from data import logins
from data.contenders import ROUTES, with_database, with_tokens
from data.place import Pins, Place
from progress import Progress
from servers import Server, ServerError
from suite import generators
from suite.generators import WARM_UP_SECONDS
from suite.workload import Workload

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


Felts = Mapping[str, list[Felt]]  # by what else the server did


class _Probe(generators.OwnClient):
    """It must not poll: it shares the server's CPU."""

    def options_of_own_cpu(self, work: Workload) -> list[str]:
        return []


PROBE = _Probe()


def _first_in_line() -> tuple[str, ...]:
    """The probe shares its CPU with the server, and runs whenever it wants to: else its own wait would count."""
    return ("chrt", "--fifo", "1") if os.geteuid() == 0 else ()


@contextmanager
def _measured(place: Place, pins: Pins, options: Namespace) -> Iterator[Server]:
    program = servers.chopin(options.build_dir, options.port, "--log-level", "debug", mode=servers.COMPOSED)
    with servers.running(with_tokens(with_database(program, place.url)), pins.clients) as server:
        yield server


def _url(server: Server, path: str) -> str:
    return f"http://127.0.0.1:{server.port}{path}"


def _probe(server: Server, pins: Pins, seconds: int) -> tuple[load.Load, float]:
    """And the share of a CPU that the server took meanwhile."""
    before, began = sum(cpus.process_seconds(server.pid)), time.monotonic()
    url = _url(server, servers.PATH)
    felt = PROBE.run(url, REQUESTS, seconds, 1, (*pins.clients, *_first_in_line()))
    share = (sum(cpus.process_seconds(server.pid)) - before) / (time.monotonic() - began)
    if felt.errors:
        raise load.LoadError(f"{servers.PATH}: {'; '.join(felt.errors)}")
    return felt, share


def _rounds(server: Server) -> str:
    server.stop()
    said = re.search(r"measured=(\d+) over_1_ms=(\d+) longest_us=(\d+)", server.report())
    if said is None:
        raise ServerError(f"{server.name} does not say how long its rounds took: {server.report()[-2000:]}")
    return f"{int(said[2])} of {int(said[1]):,} rounds over 1 ms, the longest {int(said[3]) / 1000:.1f} ms"


def _beside(place: Place, pins: Pins, options: Namespace, other: Callable[[Server, int], load.Load]) -> Felt:
    """While `other` loads the server for some seconds, from PostgreSQL's CPU."""
    with _measured(place, pins, options) as server, ThreadPoolExecutor() as pool:
        lasting = options.seconds + 2 * WARM_UP_SECONDS
        loaded = pool.submit(other, server, lasting)
        felt, share = _probe(server, pins, options.seconds)
        if errors := loaded.result().errors:
            raise load.LoadError("; ".join(errors))
        return Felt(felt.latencies, share, _rounds(server))


def beside_updates(place: Place, pins: Pins, options: Namespace, progress: Progress) -> Felts:
    """`/updates`, and composed `/json` at the rate that takes as much CPU; the first run only finds this rate."""

    def updates(server: Server, seconds: int) -> load.Load:
        return wrk.run(_url(server, ROUTES["updates"].path), options.clients, seconds, 1, pins.postgres)

    def json_at(rate: float) -> Callable[[Server, int], load.Load]:
        work = Workload(connections=options.clients, rate=int(rate))

        def run(server: Server, seconds: int) -> load.Load:
            url = _url(server, servers.JSON_PATH)
            return generators.OWN_CLIENT.run(url, work, seconds - WARM_UP_SECONDS, 1, pins.postgres)

        return run

    rate = float(FIRST_JSON_RATE)
    found: Felts = {"/updates?queries=20": [], "composed /json": []}
    for turn in range(options.rounds + 1):
        progress.step(f"{servers.PATH} beside /updates")
        first = _beside(place, pins, options, updates)
        progress.step(f"{servers.PATH} beside /json")
        second = _beside(place, pins, options, json_at(rate))
        rate *= first.share / second.share
        if turn > 0:
            for felts, felt in zip(found.values(), (first, second), strict=True):
                felts.append(felt)
    return found


def beside_logins(place: Place, pins: Pins, options: Namespace, progress: Progress) -> Felts:
    """Hashing takes all that is left of the server's CPU, in threads that run when nothing else wants to. So does
    composed `/json` under wrk: at a fixed rate that takes as much, its queue would only grow."""

    def sign_up_and_log_in(server: Server, seconds: int) -> load.Load:
        return logins.run(server.port, seconds, pins.postgres_cpu)

    def nothing(server: Server, seconds: int) -> load.Load:
        return load.Load(0, 0.0, 0.0, 0.0, ())

    def composed_json(server: Server, seconds: int) -> load.Load:
        return wrk.run(_url(server, servers.JSON_PATH), options.clients, seconds, 1, pins.postgres)

    others = {"signup and login": sign_up_and_log_in, "nothing": nothing, "composed /json": composed_json}
    found: Felts = {name: [] for name in others}
    for _ in range(options.rounds):
        for name, other in others.items():
            progress.step(f"{servers.PATH} beside {name}")
            found[name].append(_beside(place, pins, options, other))
    return found


def _seconds_until_served(server: Server) -> float:
    """Of /db, from now."""
    began = time.monotonic()
    while time.monotonic() < began + BACK_SECONDS:
        with suppress(ServerError, OSError), servers.Client(server.port) as client:
            client.send(servers.request(ROUTES["db"].path))
            if client.response().status == 200:
                return time.monotonic() - began
        time.sleep(0.005)
    raise ServerError(f"/db did not return within {BACK_SECONDS} s")


def _under_restarts(place: Place, pins: Pins, options: Namespace, times: int) -> Restarted:
    """`/db` at a fixed rate from PostgreSQL's CPU, while PostgreSQL is restarted so often."""
    lasting = RESTARTS * RESTART_SECONDS
    work = Workload(connections=options.clients, rate=RESTART_RATE)
    with _measured(place, pins, options) as server, ThreadPoolExecutor() as pool:
        url = _url(server, ROUTES["db"].path)
        loaded = pool.submit(generators.OWN_CLIENT.run, url, work, lasting, 1, pins.postgres)
        probed = pool.submit(_probe, server, pins, lasting)
        back = []
        for _ in range(times):
            time.sleep(RESTART_SECONDS / 2)
            place.cluster.stop()
            place.cluster.start(prefix=pins.postgres)
            back.append(_seconds_until_served(server))
        felt, share = probed.result()
        asked = loaded.result()
        statuses = "; ".join(text for text in asked.errors if "status" in text) or "all 200"
        return Restarted(felt.latencies, share, _rounds(server), back, statuses, hung(asked.errors))


def restarted(place: Place, pins: Pins, options: Namespace, progress: Progress) -> Felts:
    found: Felts = {f"{RESTARTS} restarts": [], "none": []}
    for _ in range(options.rounds):
        for name, times in zip(found, (RESTARTS, 0), strict=True):
            progress.step(f"{servers.PATH}, {name}")
            found[name].append(_under_restarts(place, pins, options, times))
    return found


SCENARIOS: dict[str, Callable[..., Felts]] = {
    "beside-updates": beside_updates,
    "beside-logins": beside_logins,
    "restarts": restarted,
}


def steps_of(name: str, rounds: int) -> int:
    return 3 * rounds if name == "beside-logins" else 2 * (rounds + (name == "beside-updates"))


def ratios(felts: Sequence[Felt], control: Sequence[Felt]) -> list[float]:
    """Of p99, round by round."""
    return [one.latencies["p99"] / other.latencies["p99"] for one, other in zip(felts, control, strict=True)]


def hung(errors: Sequence[str]) -> int:
    """Requests without a response, of what the load client complains of."""
    return sum(int(text.split()[0]) for text in errors if "status" not in text)


def report(name: str, found: Felts) -> None:
    print(f"\n{servers.PATH} at {REQUESTS.rate:,} requests/s on {REQUESTS.connections} connections: {name}")
    print(f"{'':<22}{'p50 us':>8}{'p99 us':>8}{'p99.9 us':>10}{'CPU':>6}  p99 to the last row's")
    *_, control = found.values()
    for load_name, felts in found.items():
        figures = [statistics.median(felt.latencies[key] for felt in felts) * 1e6 for key in ("p50", "p99", "p99.9")]
        share = statistics.median(felt.share for felt in felts)
        own = ratios(felts, control)
        spread = f"{statistics.median(own):.2f} ({min(own):.2f}..{max(own):.2f})"
        print(f"{load_name:<22}{figures[0]:>8.0f}{figures[1]:>8.0f}{figures[2]:>10.0f}{share:>6.0%}  {spread}")
    for load_name, felts in found.items():
        for felt in felts:
            print(f"{load_name}: {felt.rounds}")
            if isinstance(felt, Restarted) and felt.back:
                slowest = max(felt.back)
                print(f"  /db: {felt.hung} hung, back within {slowest:.3f} s each time; {felt.statuses}")
