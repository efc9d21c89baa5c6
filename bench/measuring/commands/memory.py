"""Measures the memory of an idle keep-alive connection in chopin, and how much is returned afterwards."""

import argparse

from measuring import servers
from measuring.command_line import Parser
from measuring.counting import memory
from measuring.counting.memory import KINDS, RETURN_SECONDS, SPARE_DESCRIPTORS, Held
from measuring.scenarios.field import IDLE_FOR_LONG, QUIET

METHOD = """
Method: one worker, {connections:,} keep-alive connections with one served request each, then {settle} s
idle. Figures are from /proc/PID/smaps_rollup; bytes/connection is (connected - before) / connections.
'before' is after one connection was opened and closed, 'closed' is {returned} s after the client closed all.
Not counted: kernel memory of each connection (socket, descriptor, epoll entry, socket buffers)."""


def report(held: Held, options: argparse.Namespace) -> None:
    count, closed = options.connections, held.closed
    assert closed is not None
    print(f"{'KiB':<9}{'before':>9}{'connected':>11}{'closed':>9}{'bytes/connection':>18}{'kept':>9}")
    for kind in KINDS:
        stages = (held.memory[0][kind], held.memory[count][kind], closed[kind])
        before, connected, after, kept = (size / 1024 for size in (*stages, stages[2] - stages[0]))
        each = held.bytes_per_connection(count, kind)
        print(f"{kind:<9}{before:>9,.0f}{connected:>11,.0f}{after:>9,.0f}{each:>18,.0f}{kept:>9,.0f}")
    print(METHOD.format(connections=count, settle=options.settle, returned=RETURN_SECONDS))


def main() -> int:
    parser = Parser(__doc__)
    parser.number("--connections", 10000, "")
    parser.number("--settle", 5, "seconds idle before measuring")
    options = parser.parse_args()
    memory.allow_descriptors(options.connections + SPARE_DESCRIPTORS)
    held = Held("chopin")
    program = servers.chopin(options.build_dir, options.port, *QUIET, *IDLE_FOR_LONG)
    memory.hold(held, program, [options.connections], options.settle)
    report(held, options)
    return 0
