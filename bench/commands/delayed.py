"""What connections cost whose handlers wait. Each asks once a second for a response after 10 ms on the loop's timers:
are all answered, and how late? Then all wait at once: how much memory does each take, beside an idle one?"""

import argparse
import time
from pathlib import Path

import command_line
import cpus
import memory
import servers
from command_line import positive
from suite import generators
from suite.workload import Workload

DELAY = 10  # ms
HOLD = 60_000  # ms: more than opening all connections takes
PERCENTILES = ("mean", "p50", "p99", "p99.9", "max")


def program(build_dir: Path) -> servers.Program:
    command = (str((build_dir / "bench" / "chopin_waiting").resolve()), "0", "nothing")
    return servers.Program("chopin", command, ((servers.PATH, servers.HELLO),))


def report_load(options: argparse.Namespace) -> None:
    pins = cpus.choose_pins()
    work = Workload(connections=options.connections, rate=options.connections)
    with servers.running(program(options.build_dir), pins.server) as server:
        before = sum(cpus.process_seconds(server.pid))
        url = f"http://127.0.0.1:{server.port}/delay/{DELAY}"
        load = generators.OWN_CLIENT.run(url, work, options.seconds, 1, pins.client)
        spent = sum(cpus.process_seconds(server.pid)) - before
        server.stop()
    if load.errors:
        raise servers.ServerError("; ".join(load.errors))
    print(f"{pins.description}; {options.connections:,} connections, as many requests/s for {options.seconds} s")
    print(f"{load.requests:,} responses, no error; CPU {spent / load.requests * 1e6:.1f} us/request")
    for what, times in (("latency", load.latencies), ("the client's lag", load.lags)):
        print(f"{what:<17}" + "  ".join(f"{name} {times[name] * 1e3:.2f} ms" for name in PERCENTILES))


def bytes_per_connection(options: argparse.Namespace, asked: str | None) -> float:
    """Private memory of the server, for each connection that has been served once and then waits for `asked`."""
    with servers.running(program(options.build_dir)) as server:
        memory.warm_up(server.port)
        before = memory.memory_of(server.pid)["Private"]
        clients = memory.open_connections(server.port, options.connections)
        for client in clients if asked else ():
            client.send(servers.request(asked))
        time.sleep(1)  # until the last request has been read
        spent = memory.memory_of(server.pid)["Private"] - before
        for client in clients:
            client.close()
        server.stop()
    return spent / options.connections


def report_memory(options: argparse.Namespace) -> None:
    idle = bytes_per_connection(options, None)
    waiting = bytes_per_connection(options, f"/delay/{HOLD}")
    print(f"private memory of {options.connections:,} connections: idle {idle:,.0f} bytes each, ", end="")
    print(f"with a coroutine that waits {waiting:,.0f}")


def main() -> int:
    parser = command_line.parser(__doc__)
    parser.add_argument("--connections", type=positive, default=10000, metavar="N", help="default 10000")
    parser.add_argument("--seconds", type=positive, default=10, metavar="N", help="of the load (default 10)")
    options = parser.parse_args()
    memory.allow_descriptors(options.connections + memory.SPARE_DESCRIPTORS)
    report_load(options)
    report_memory(options)
    return 0
