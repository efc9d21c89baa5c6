"""Memory of processes, and the many connections that it is measured with."""

import resource
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from measuring import servers
from measuring.cpus import family_of

KINDS = ("Pss", "Private", "Rss")
SPARE_DESCRIPTORS = 100  # beside the connections, in either process
RETURN_SECONDS = 5  # from the last close until memory should be returned

Memory = dict[str, int]  # bytes by kind


@dataclass
class Held:
    """The memory of a server with different numbers of idle connections."""

    server: str
    memory: dict[int, Memory] = field(default_factory=dict)  # by the number of connections; 0 is before them
    closed: Memory | None = None  # some seconds after the last was closed
    failure: str | None = None

    def bytes_per_connection(self, count: int, kind: str = "Pss") -> float:
        return (self.memory[count][kind] - self.memory[0][kind]) / count


def hold(
    held: Held,
    program: servers.Program,
    counts: Sequence[int],
    settle: float,
    prefix: tuple[str, ...] = (),
    tell: Callable[[int], object] = lambda count: None,
) -> None:
    """Fills `held` with the memory of a server with so many connections, each of which has made one request."""
    with servers.running(program, prefix) as server, ExitStack() as opened:
        warm_up(server.port)
        time.sleep(settle)
        sockets_before = sockets_of(server.pid)
        held.memory[0] = memory_of(server.pid)
        for count in sorted(counts):
            tell(count)
            already = max(held.memory)
            for client in open_connections(server.port, count - already, already):
                opened.enter_context(client)
            time.sleep(settle)
            there = sockets_of(server.pid) - sockets_before
            if there != count:
                raise servers.ServerError(f"{server.name} holds {there} connections, not {count}")
            held.memory[count] = memory_of(server.pid)
        opened.close()
        time.sleep(RETURN_SECONDS)
        held.closed = memory_of(server.pid)
        server.stop()


def memory_of(pid: int) -> Memory:
    """Of a process, its children and theirs."""
    members = [_memory_of_one(member) for member in family_of(pid)]
    return {kind: sum(member[kind] for member in members) for kind in KINDS}


def _memory_of_one(pid: int) -> Memory:
    """From /proc/PID/smaps_rollup (proc(5)), which counts in KiB."""
    rows = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, size, _unit = line.split()
        rows[name.rstrip(":")] = int(size) * 1024
    private = rows["Private_Clean"] + rows["Private_Dirty"] + rows["Private_Hugetlb"]
    return {"Pss": rows["Pss"], "Private": private, "Rss": rows["Rss"]}


def descriptor_limit() -> int | None:
    """The hard limit of open files; None if there is none."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if hard == resource.RLIM_INFINITY else hard


def allow_descriptors(count: int) -> None:
    """The server inherits the hard limit and raises its own soft one to it."""
    hard = descriptor_limit()
    limits = (count, resource.RLIM_INFINITY if hard is None else max(hard, count))
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    except (OSError, ValueError):
        raise servers.ServerError(f"needs {count} open files, and the hard limit is {hard}") from None


def connections_per_source() -> int:
    """Half of the kernel's ephemeral ports: other programs and connections in TIME_WAIT need some."""
    first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    return max(1, (last - first) // 2)


def open_connections(port: int, count: int, first: int = 0) -> list[servers.Client]:
    """Makes one request on each. `first` is the number of connections already open."""
    per_source = connections_per_source()
    clients = []
    for index in range(first, first + count):
        client = servers.Client(port, source=f"127.0.0.{1 + index // per_source}")
        if client.get().status != 200:
            raise servers.ServerError("the server does not respond with 200")
        clients.append(client)
    return clients


def sockets_of(pid: int) -> int:
    descriptors = [entry for member in family_of(pid) for entry in Path(f"/proc/{member}/fd").iterdir()]
    return sum(str(descriptor.readlink()).startswith("socket:") for descriptor in descriptors)


def warm_up(port: int) -> None:
    """Memory for the first connection is not a cost of the others."""
    with servers.Client(port) as client:
        client.get()
