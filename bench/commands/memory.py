"""Measures the memory of an idle keep-alive connection in chopin, and how much is returned afterwards."""

import argparse
import time
from collections.abc import Sequence

import command_line
import servers
from command_line import positive
from memory import (
    KINDS,
    SPARE_DESCRIPTORS,
    Memory,
    allow_descriptors,
    memory_of,
    open_connections,
    sockets_of,
    warm_up,
)

RETURN_SECONDS = 5  # from the last close until memory should be returned
IDLE_TIMEOUT = "1h"  # the connections must outlive the measurement


def measure(options: argparse.Namespace) -> list[Memory]:
    """Memory before, with and after the connections."""
    flags = ("--log-level", "off", "--idle-timeout", IDLE_TIMEOUT)
    with servers.running(servers.chopin(options.build_dir, options.port, *flags)) as server:
        warm_up(server.port)
        time.sleep(1)
        sockets_before = sockets_of(server.pid)
        before = memory_of(server.pid)
        clients = open_connections(server.port, options.connections)
        time.sleep(options.settle)
        held = sockets_of(server.pid) - sockets_before
        if held != options.connections:
            raise servers.ServerError(f"chopin holds {held} connections, not {options.connections}")
        with_connections = memory_of(server.pid)
        for client in clients:
            client.close()
        time.sleep(RETURN_SECONDS)
        after = memory_of(server.pid)
        server.stop()
    return [before, with_connections, after]


METHOD = """
Method: one worker, {connections:,} keep-alive connections with one served request each, then {settle} s
idle. Figures are from /proc/PID/smaps_rollup; bytes/connection is (connected - before) / connections.
'before' is after one connection was opened and closed, 'closed' is {returned} s after the client closed all.
Not counted: kernel memory of each connection (socket, descriptor, epoll entry, socket buffers)."""


def report(stages: Sequence[Memory], options: argparse.Namespace) -> None:
    before, connected, closed = stages
    print(f"{'KiB':<9}{'before':>9}{'connected':>11}{'closed':>9}{'bytes/connection':>18}{'kept':>9}")
    for kind in KINDS:
        each = (connected[kind] - before[kind]) / options.connections
        sizes = (before[kind], connected[kind], closed[kind], closed[kind] - before[kind])
        start, full, end, kept = (size / 1024 for size in sizes)
        print(f"{kind:<9}{start:>9,.0f}{full:>11,.0f}{end:>9,.0f}{each:>18,.0f}{kept:>9,.0f}")
    print(METHOD.format(connections=options.connections, settle=options.settle, returned=RETURN_SECONDS))


def read_options() -> argparse.Namespace:
    parser = command_line.parser(__doc__)
    parser.add_argument("--connections", type=positive, default=10000, metavar="N", help="default 10000")
    parser.add_argument(
        "--settle",
        type=positive,
        default=5,
        metavar="SECONDS",
        help="idle time before measuring (default 5)",
    )
    return parser.parse_args()


def main() -> int:
    options = read_options()
    allow_descriptors(options.connections + SPARE_DESCRIPTORS)
    report(measure(options), options)
    return 0
