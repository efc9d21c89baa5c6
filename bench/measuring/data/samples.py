"""One run of wrk against a server, or of pgbench: what was served, and what it cost whom."""

import re
import tempfile
import time
from dataclasses import dataclass

from measuring import cpus, servers
from measuring.counting import tracers
from measuring.data.database import Database, Pins
from measuring.data.routes import Route
from measuring.load import bounded_run
from measuring.load.bounded_run import LoadError
from measuring.load.workload import Workload
from measuring.load.wrk import WRK
from measuring.servers import Program, ServerError, postgres

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


@dataclass(frozen=True)
class Runs:
    """How long each run lasts, with how many clients, on which CPUs and database."""

    database: Database
    pins: Pins
    clients: int
    seconds: int

    def of_server(self, program: Program, route: Route) -> Sample:
        commits = self.database.commits()
        work, prefix = Workload(connections=self.clients), self.pins.clients
        with servers.running(program, prefix) as server:
            _require(server, route)
            warm_up = WRK.run(server.url, work, WARM_UP_SECONDS, prefix)
            server_before, postgres_before = cpus.cpu_seconds(server.pid), self.database.cpu_seconds()
            result = WRK.run(server.url, work, self.seconds, prefix)
            server_cpu = cpus.cpu_seconds(server.pid) - server_before
            postgres_cpu = self.database.cpu_seconds() - postgres_before
            server.stop()
            asked = _requests_of(server, warm_up.requests + result.requests + 2 * self.clients)
        lost = sum(map(losses, result.errors))
        served = max(1, result.requests - lost)
        syncs = (self._settled_commits() - commits) / asked
        return Sample(served, lost, result.seconds, server_cpu / served * 1e6, postgres_cpu / served * 1e6, syncs)

    def of_pgbench(self) -> Sample:
        """One thread, prepared statements, as many connections as the servers have clients. What a transaction on each
        connection costs with the connecting is not counted, as it is not for servers."""
        first_served, _, *first = self._run_pgbench("--transactions", "1")
        served, rate, *whole = self._run_pgbench("--time", str(self.seconds))
        own, of_postgres = ((a - b) / (served - first_served) * 1e6 for a, b in zip(whole, first, strict=True))
        return Sample(served, 0, served / rate, own, of_postgres, 1.0)

    def _run_pgbench(self, *extent: str) -> tuple[int, float, float, float]:
        """Transactions, how many there were a second, and CPU seconds: its own and PostgreSQL's."""
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(SCRIPT)
            script.flush()
            program = str(postgres.programs() / "pgbench")
            options = ["--no-vacuum", "--protocol", "prepared", "--client", str(self.clients), "--jobs", "1"]
            command = [*self.pins.clients, program, *options, *extent, "--file", script.name, self.database.url]
            before = self.database.cpu_seconds()
            finished = bounded_run.run(command, self.seconds)
            spent = self.database.cpu_seconds() - before
        try:
            return *read_pgbench(finished.text), finished.cpu_seconds, spent
        except ValueError as error:
            raise LoadError(f"pgbench says: {finished.text.strip()}") from error

    def sends_to_postgres(self, program: Program) -> float:
        """For each request, under strace, which slows the server: more requests wait in each round than else. One send
        of each request is its response's."""
        served = []

        def drive(server: servers.Server) -> None:
            work = Workload(connections=self.clients)
            served.append(WRK.run(server.url, work, self.seconds, self.pins.clients).requests)

        run = tracers.trace(program, tracers.STRACE, drive, self.pins.clients, lambda server: max(1, served[0]))
        return sum(run.counts[name] for name in SENDS) / run.requests - 1

    def _settled_commits(self) -> int:
        """Sessions report what they have done when they end, which takes them a moment."""
        last = None
        while last != (now := self.database.commits()):
            last = now
            time.sleep(0.2)
        return now


def read_pgbench(text: str) -> tuple[int, float]:
    """Transactions, and how many there were a second."""
    done = re.search(r"number of transactions actually processed: (\d+)", text)
    rate = re.search(r"tps = ([\d.]+) \(without", text)
    if done is None or rate is None or float(rate[1]) == 0:
        raise ValueError(text)
    return int(done[1]), float(rate[1])


def _require(server: servers.Server, route: Route) -> None:
    """A first response that is right, so that nobody is measured at something easier."""
    path = server.program.path
    with servers.Client(server.port) as client:
        response = client.get(path)
    if response.status != 200 or re.fullmatch(route.body, response.body, re.IGNORECASE) is None:
        raise ServerError(f"{server.name} responds to {path} with {response.head + response.body!r}")


def losses(error: str) -> int:
    """Of wrk's lines: "Non-2xx or 3xx responses: 12", "Socket errors: connect 0, read 1, write 0, timeout 2"."""
    return sum(map(int, re.findall(r"\b(\d+)\b", error.partition(":")[2])))


def _requests_of(server: servers.Server, otherwise: int) -> int:
    """chopin says how many it has served. Of others it is an estimate: wrk does not count those that it cuts off."""
    try:
        return server.requests_served()
    except ServerError:
        return otherwise
