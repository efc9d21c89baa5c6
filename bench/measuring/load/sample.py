"""One run of a load generator against a server, and the statistics of several: medians, ratios round by round."""

import dataclasses
import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from measuring import servers
from measuring.cpus import Pins, busy_seconds, process_seconds
from measuring.load.bounded_run import Load

Name = TypeVar("Name")


@dataclasses.dataclass(frozen=True)
class Sample:
    """One run of a load generator against one server."""

    program: str
    load: Load
    user_seconds: float
    system_seconds: float
    others_share: float  # of the CPUs in use: taken by neither server nor load generator
    server_cpus: int = 1
    client_cpus: int = 1

    @property
    def requests_per_second(self) -> float:
        return self.load.requests / self.load.seconds

    @property
    def user_microseconds(self) -> float:
        return self.user_seconds * 1e6 / max(1, self.load.requests)

    @property
    def system_microseconds(self) -> float:
        return self.system_seconds * 1e6 / max(1, self.load.requests)

    @property
    def cpu_microseconds(self) -> float:
        return self.user_microseconds + self.system_microseconds

    @property
    def server_share(self) -> float:
        return (self.user_seconds + self.system_seconds) / (self.load.wall_seconds * self.server_cpus)

    @property
    def client_share(self) -> float:
        return self.load.cpu_seconds / (self.load.wall_seconds * self.client_cpus)


def measure(
    program: servers.Program,
    pins: Pins,
    drive: Callable[[servers.Server], Load],
    prepare: Callable[[servers.Server], object] = lambda server: None,
) -> Sample:
    """A new server for each run, so that no run inherits the memory layout of another. What `prepare` costs does not
    count."""
    with servers.running(program, pins.server) as server:
        prepare(server)
        before = process_seconds(server.pid)
        busy_before = busy_seconds(pins.cpus)
        load = drive(server)
        others = busy_seconds(pins.cpus) - busy_before - load.cpu_seconds
        after = process_seconds(server.pid)
        server.stop()
    user, system = after[0] - before[0], after[1] - before[1]
    others_share = max(0.0, others - user - system) / (load.wall_seconds * len(pins.cpus))
    return Sample(program.name, load, user, system, others_share, pins.server_count, pins.client_count)


def in_turns(names: Sequence[Name], rounds: int) -> Iterator[tuple[int, Name]]:
    """Every other round backwards, so that none always follows the same one."""
    for turn in range(rounds):
        for name in names if turn % 2 == 0 else names[::-1]:
            yield turn, name


def ratios(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """Round by round: a temporary slowdown affects both sides of a round."""
    return [one / other for one, other in zip(first, second, strict=False) if other > 0]


def spread(figures: Sequence[float], digits: int = 3) -> str:
    if not figures:
        return "-"
    middle, least, greatest = (f"{one:.{digits}f}" for one in (statistics.median(figures), min(figures), max(figures)))
    return middle if len(figures) == 1 else f"{middle} ({least}..{greatest})"
