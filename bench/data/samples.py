"""One run of wrk against a server, or of pgbench: what was served, and what it cost whom."""

import re
import tempfile
import time
from dataclasses import dataclass

import cpus
import load
import postgres
import servers
import tracers
import wrk
from data.contenders import Contender, Route
from data.place import Pins, Place
from servers import ServerError

WARM_UP_SECONDS = 1  # connections are made and statements prepared
SENDS = ("sendto", "sendmsg", "write", "writev")

SCRIPT = r"""\set id random(1, 10000)
SELECT id, randomnumber FROM world WHERE id = :id;
"""


@dataclass(frozen=True)
class Sample:
    """CPU in microseconds for each request that was served. Of pgbench a request is a transaction, and it is its own
    client."""

    served: int
    lost: int  # statuses other than 2xx, and requests without a response
    seconds: float
    server_cpu: float
    postgres_cpu: float
    syncs: float

    @property
    def rate(self) -> float:
        return self.served / self.seconds


def of_server(contender: Contender, route: Route, place: Place, pins: Pins, clients: int, seconds: int) -> Sample:
    commits = place.commits()
    with servers.running(contender.program, pins.clients) as server:
        _require(server, route)
        warm_up = wrk.run(server.url, clients, WARM_UP_SECONDS, 1, pins.clients)
        server_before, postgres_before = sum(cpus.process_seconds(server.pid)), place.cpu_seconds()
        result = wrk.run(server.url, clients, seconds, 1, pins.clients)
        server_cpu = sum(cpus.process_seconds(server.pid)) - server_before
        postgres_cpu = place.cpu_seconds() - postgres_before
        server.stop()
        asked = _requests_of(server, warm_up.requests + result.requests + 2 * clients)
    lost = sum(map(losses, result.errors))
    served = max(1, result.requests - lost)
    syncs = (_settled_commits(place) - commits) / asked
    return Sample(served, lost, result.seconds, server_cpu / served * 1e6, postgres_cpu / served * 1e6, syncs)


def of_pgbench(place: Place, pins: Pins, clients: int, seconds: int) -> Sample:
    """One thread, prepared statements, as many connections as the servers have clients. What a transaction on each
    connection costs with the connecting is not counted, as it is not for servers."""
    first = _run_pgbench(place, pins, clients, seconds, "--transactions", "1")
    whole = _run_pgbench(place, pins, clients, seconds, "--time", str(seconds))
    served = whole.served - first.served
    own, of_postgres = whole.own_seconds - first.own_seconds, whole.postgres_seconds - first.postgres_seconds
    lasted = whole.served / whole.rate
    return Sample(whole.served, 0, lasted, own / served * 1e6, of_postgres / served * 1e6, 1.0)


@dataclass(frozen=True)
class _Pgbench:
    served: int
    rate: float
    own_seconds: float
    postgres_seconds: float


def _run_pgbench(place: Place, pins: Pins, clients: int, seconds: int, *extent: str) -> _Pgbench:
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT)
        script.flush()
        program = str(postgres.programs() / "pgbench")
        options = ["--no-vacuum", "--protocol", "prepared", "--client", str(clients), "--jobs", "1"]
        command = [*pins.clients, program, *options, *extent, "--file", script.name, place.url]
        before = place.cpu_seconds()
        finished = load.run(command, seconds)
        spent = place.cpu_seconds() - before
    try:
        return _Pgbench(*read_pgbench(finished.text), finished.cpu_seconds, spent)
    except ValueError as error:
        raise load.LoadError(f"pgbench says: {finished.text.strip()}") from error


def read_pgbench(text: str) -> tuple[int, float]:
    """Transactions, and how many there were a second."""
    done = re.search(r"number of transactions actually processed: (\d+)", text)
    rate = re.search(r"tps = ([\d.]+) \(without", text)
    if done is None or rate is None or float(rate[1]) == 0:
        raise ValueError(text)
    return int(done[1]), float(rate[1])


def sends_to_postgres(contender: Contender, pins: Pins, clients: int, seconds: int) -> float:
    """For each request, under strace, which slows the server: more requests wait in each round than else. One send of
    each request is its response's."""
    served = 0

    def drive(server: servers.Server) -> None:
        nonlocal served
        result = wrk.run(server.url, clients, seconds, 1, pins.clients)
        served = result.requests

    with tempfile.TemporaryDirectory() as folder:
        report = f"{folder}/report"
        prefix = (*pins.clients, *(word.format(report=report) for word in tracers.STRACE.words))
        with servers.running(contender.program, prefix) as server:
            drive(server)
            server.stop()
            counts = tracers.STRACE.read(_complete(report))
    return sum(counts[name] for name in SENDS) / max(1, served) - 1


def _complete(report: str) -> str:
    deadline = time.monotonic() + tracers.REPORT_SECONDS
    while time.monotonic() < deadline:
        with open(report) as file:
            text = file.read()
        if re.search(tracers.STRACE.ending, text):
            return text
        time.sleep(0.05)
    raise ServerError("strace did not complete its report")


def _require(server: servers.Server, route: Route) -> None:
    """A first response that is right, so that nobody is measured at something easier."""
    with servers.Client(server.port) as client:
        client.send(servers.request(server.program.path))
        response = client.response()
    if response.status != 200 or re.fullmatch(route.body, response.body, re.IGNORECASE) is None:
        raise ServerError(f"{server.name} responds to {server.program.path} with {response.head + response.body!r}")


def losses(error: str) -> int:
    """Of wrk's lines: "Non-2xx or 3xx responses: 12", "Socket errors: connect 0, read 1, write 0, timeout 2"."""
    return sum(map(int, re.findall(r"\b(\d+)\b", error.partition(":")[2])))


def _requests_of(server: servers.Server, otherwise: int) -> int:
    """chopin says how many it has served. Of others it is an estimate: wrk does not count those that it cuts off."""
    try:
        return server.requests_served()
    except ServerError:
        return otherwise


def _settled_commits(place: Place) -> int:
    """Sessions report what they have done when they end, which takes them a moment."""
    last = place.commits()
    while True:
        time.sleep(0.2)
        now = place.commits()
        if now == last:
            return now
        last = now
