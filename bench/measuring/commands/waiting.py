"""What /plaintext costs while a worker's loop has other things to wait for: a timer in the io_context, 1,000
timers and 100 descriptors of its own, or idle connections to PostgreSQL. CPU time under wrk in interleaved rounds, and
counts in lock step."""

import argparse
import contextlib
import secrets
import statistics
from collections.abc import Callable, Iterator
from functools import partial

from measuring import cpus, servers
from measuring.command_line import Parser
from measuring.counting import tracers
from measuring.load import lock_step, sample
from measuring.load.bounded_run import Load
from measuring.load.workload import PLAIN, Workload
from measuring.load.wrk import WRK
from measuring.progress import Progress
from measuring.servers import postgres

KINDS = ("nothing", "io_context", "loop", "pool")
CONNECTIONS = (64, 8)
TURNS = {tracers.CALLGRIND: 2000, tracers.STRACE: 500}
WARM_UP_TURNS = 50

ProgramOf = Callable[[str], servers.Program]  # by the kind of what it waits for


@contextlib.contextmanager
def database() -> Iterator[str]:
    """The URL of an empty one."""
    cluster = postgres.Cluster(postgres.make_folder())
    password = secrets.token_hex(16)
    try:
        cluster.initialise(password)
        cluster.start()
        yield f"postgresql://{postgres.ACCOUNT}:{password}@127.0.0.1:{cluster.port}/postgres"
    finally:
        cluster.remove()


def begin_to_wait(server: servers.Server) -> None:
    with servers.Client(server.port) as client:
        if client.get("/wait").status != 200:
            raise servers.ServerError(f"{server.name} does not wait")


def in_lock_step(program: servers.Program, tracer: tracers.Tracer) -> float:
    """What a request costs."""

    def drive(turns: int, server: servers.Server) -> None:
        begin_to_wait(server)
        lock_step.drive(server, PLAIN, 1, turns)

    turns = (WARM_UP_TURNS, WARM_UP_TURNS + TURNS[tracer])
    return sum(tracers.costs(*(tracers.trace(program, tracer, partial(drive, count)) for count in turns)).values())


def drive_with_wrk(work: Workload, seconds: int, pins: cpus.Pins, server: servers.Server) -> Load:
    return WRK.run(server.url, work, seconds, pins.client)


def report_times(options: argparse.Namespace, program_of: ProgramOf) -> None:
    pins = cpus.choose_pins()
    rows = [(kind, connections) for connections in CONNECTIONS for kind in KINDS]
    progress = Progress(options.rounds * len(rows), options.seconds)
    times: dict[tuple[str, int], list[float]] = {row: [] for row in rows}
    for _, (kind, connections) in sample.in_turns(rows, options.rounds):
        progress.step(f"{kind}, {connections} connections")
        work = Workload(connections=connections)
        drive = partial(drive_with_wrk, work, options.seconds, pins)
        found = sample.measure(program_of(kind), pins, drive, begin_to_wait)
        found.load.without_errors(kind)
        times[kind, connections].append(found.cpu_microseconds)
    progress.finish()
    print(f"{pins.description}; {options.rounds} rounds of {options.seconds} s")
    print(f"{'waits for':<12}{'connections':>12}{'CPU us/request':>16}{'to nothing: median (least..greatest)':>40}")
    for kind, connections in rows:
        own, base = times[kind, connections], times["nothing", connections]
        ratio = sample.spread(sample.ratios(own, base))
        print(f"{kind:<12}{connections:>12}{statistics.median(own):>16.2f}{ratio:>40}")


def report_counts(program_of: ProgramOf) -> None:
    print(f"{'waits for':<12}{'instructions/request':>22}{'system calls/request':>22}")
    for kind in KINDS:
        instructions, calls = (in_lock_step(program_of(kind), tracer) for tracer in TURNS)
        print(f"{kind:<12}{instructions:>22.1f}{calls:>22.3f}")


def main() -> int:
    parser = Parser(__doc__)
    parser.number("--rounds", 7, "")
    parser.number("--seconds", 2, "of a wrk run")
    options = parser.parse_args()
    with database() as url:

        def program_of(kind: str) -> servers.Program:
            return servers.waiting(options.build_dir, kind).with_variables(DATABASE_URL=url)

        report_counts(program_of)
        report_times(options, program_of)
    return 0
