"""What /plaintext costs while a worker's loop has other things to wait for: a timer in the io_context, 1,000
timers and 100 descriptors of its own, or idle connections to PostgreSQL. CPU time under wrk in interleaved rounds, and
counts in lock step."""

import argparse
import contextlib
import secrets
import statistics
from collections.abc import Iterator
from pathlib import Path

import command_line
import cpus
import lock_step
import postgres
import servers
import tracers
import wrk
from command_line import positive
from progress import Progress

KINDS = ("nothing", "io_context", "loop", "pool")
CONNECTIONS = (64, 8)
TURNS = {tracers.CALLGRIND: 2000, tracers.STRACE: 500}
WARM_UP_TURNS = 50


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


def program(options: argparse.Namespace, kind: str) -> servers.Program:
    command = (str((options.build_dir / "bench" / "chopin_waiting").resolve()), "0", kind)
    routes = ((servers.PATH, servers.HELLO), ("/wait", kind.encode()))
    return servers.Program(kind, command, routes, variables=(("DATABASE_URL", options.database),))


def begin_to_wait(server: servers.Server) -> None:
    with servers.Client(server.port) as client:
        client.send(servers.request("/wait"))
        if client.response().status != 200:
            raise servers.ServerError(f"{server.name} does not wait")


def cpu_microseconds(options: argparse.Namespace, pins: cpus.Pins, kind: str, connections: int) -> float:
    """Of the server, for each request."""
    with servers.running(program(options, kind), pins.server) as server:
        begin_to_wait(server)
        before = sum(cpus.process_seconds(server.pid))
        load = wrk.run(server.url, connections, options.seconds, 1, pins.client)
        if load.errors:
            raise wrk.WrkError(f"{kind}: {'; '.join(load.errors)}")
        return (sum(cpus.process_seconds(server.pid)) - before) / load.requests * 1e6


def costs_in_lock_step(options: argparse.Namespace, kind: str, tracer: tracers.Tracer) -> dict[str, float]:
    def run(turns: int) -> tracers.Run:
        def drive(server: servers.Server) -> None:
            begin_to_wait(server)
            lock_step.drive(server, wrk.PLAIN, 1, turns)

        return tracers.trace(program(options, kind), tracer, drive)

    return dict(tracers.costs(run(WARM_UP_TURNS), run(WARM_UP_TURNS + TURNS[tracer])))


def report_times(options: argparse.Namespace) -> None:
    pins = cpus.choose_pins()
    progress = Progress(options.rounds * len(CONNECTIONS) * len(KINDS), options.seconds)
    samples: dict[tuple[str, int], list[float]] = {}
    for turn in range(options.rounds):
        order = KINDS if turn % 2 == 0 else KINDS[::-1]
        for connections in CONNECTIONS:
            for kind in order:
                progress.step(f"{kind}, {connections} connections")
                sample = cpu_microseconds(options, pins, kind, connections)
                samples.setdefault((kind, connections), []).append(sample)
    progress.finish()
    print(f"{pins.description}; {options.rounds} rounds of {options.seconds} s")
    print(f"{'waits for':<12}{'connections':>12}{'CPU us/request':>16}{'to nothing: median (least..greatest)':>40}")
    for connections in CONNECTIONS:
        base = samples["nothing", connections]
        for kind in KINDS:
            own = samples[kind, connections]
            ratios = [a / b for a, b in zip(own, base, strict=True)]
            spread = f"{statistics.median(ratios):.3f} ({min(ratios):.2f}..{max(ratios):.2f})"
            print(f"{kind:<12}{connections:>12}{statistics.median(own):>16.2f}{spread:>40}")


def report_counts(options: argparse.Namespace) -> None:
    print(f"{'waits for':<12}{'instructions/request':>22}{'system calls/request':>22}")
    for kind in KINDS:
        instructions = sum(costs_in_lock_step(options, kind, tracers.CALLGRIND).values())
        calls = sum(costs_in_lock_step(options, kind, tracers.STRACE).values())
        print(f"{kind:<12}{instructions:>22.1f}{calls:>22.3f}")


def main() -> int:
    parser = command_line.parser(__doc__)
    parser.add_argument("--rounds", type=positive, default=7, metavar="N", help="default 7")
    parser.add_argument("--seconds", type=positive, default=2, metavar="N", help="of a wrk run (default 2)")
    options = parser.parse_args()
    with database() as options.database:
        report_counts(options)
        report_times(options)
    return 0
