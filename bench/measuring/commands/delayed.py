"""What connections cost whose handlers wait. Each asks once a second for a response after 10 ms on the loop's timers:
are all answered, and how late? Then all wait at once: how much memory does each take, beside an idle one?"""

import argparse
import time

from measuring import cpus, servers
from measuring.command_line import Parser
from measuring.counting import memory
from measuring.load import sample
from measuring.load.chopin_load import CHOPIN_LOAD
from measuring.load.workload import Workload

DELAY = 10  # ms
HOLD = 60_000  # ms: more than opening all connections takes
PERCENTILES = ("mean", "p50", "p99", "p99.9", "max")


def report_load(options: argparse.Namespace, program: servers.Program) -> None:
    pins = cpus.choose_pins()
    work = Workload(connections=options.connections, rate=options.connections)
    CHOPIN_LOAD.build_dir = options.build_dir
    path = f"/delay/{DELAY}"
    found = sample.measure(
        program, pins, lambda server: CHOPIN_LOAD.run(server.url_of(path), work, options.seconds, pins.client)
    )
    load = found.load.without_errors(program.name)
    print(f"{pins.description}; {options.connections:,} connections, as many requests/s for {options.seconds} s")
    print(f"{load.requests:,} responses, no error; CPU {found.cpu_microseconds:.1f} us/request")
    for what, times in (("latency", load.latencies), ("the client's lag", load.lags)):
        print(f"{what:<17}" + "  ".join(f"{name} {times[name] * 1e3:.2f} ms" for name in PERCENTILES))


def bytes_per_connection(program: servers.Program, count: int, asked: str | None) -> float:
    """Private memory of the server, for each connection that has been served once and then waits for `asked`."""
    with servers.running(program) as server:
        memory.warm_up(server.port)
        before = memory.memory_of(server.pid)["Private"]
        clients = memory.open_connections(server.port, count)
        for client in clients if asked else ():
            client.send(servers.request(asked or ""))
        time.sleep(1)  # until the last request has been read
        spent = memory.memory_of(server.pid)["Private"] - before
        for client in clients:
            client.close()
        server.stop()
    return spent / count


def main() -> int:
    parser = Parser(__doc__)
    parser.number("--connections", 10000, "")
    parser.number("--seconds", 10, "of the load")
    options = parser.parse_args()
    count = options.connections
    memory.allow_descriptors(count + memory.SPARE_DESCRIPTORS)
    program = servers.waiting(options.build_dir, "nothing")
    report_load(options, program)
    idle, waiting = (bytes_per_connection(program, count, asked) for asked in (None, f"/delay/{HOLD}"))
    print(f"private memory of {count:,} connections: idle {idle:,.0f} bytes each, ", end="")
    print(f"with a coroutine that waits {waiting:,.0f}")
    return 0
