"""One run of a load generator against a server, and the statistics of several: medians, ratios round by round."""

import dataclasses
import statistics
from collections.abc import Callable, Sequence

import servers
from cpus import Pins, busy_seconds, process_seconds
from load import Load

SATURATED = 0.95  # of the wall time; wrk needs the rest to start and end


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


Figure = Callable[[Sample], float]


def measure(program: servers.Program, pins: Pins, drive: Callable[[servers.Server], Load]) -> Sample:
    """A new server for each run, so that no run inherits the memory layout of another."""
    with servers.running(program, pins.server) as server:
        before = process_seconds(server.pid)
        busy_before = busy_seconds(pins.cpus)
        load = drive(server)
        others = busy_seconds(pins.cpus) - busy_before - load.cpu_seconds
        user, system = (now - then for now, then in zip(process_seconds(server.pid), before))
        server.stop()
    others_share = max(0.0, others - user - system) / (load.wall_seconds * len(pins.cpus))
    return Sample(program.name, load, user, system, others_share, pins.server_count, pins.client_count)


def median(samples: Sequence[Sample], figure: Figure) -> float:
    return statistics.median(figure(sample) for sample in samples)


def saturated(samples: Sequence[Sample], client: str) -> str:
    shares = {
        "server": median(samples, lambda sample: sample.server_share),
        client: median(samples, lambda sample: sample.client_share),
    }
    return " and ".join(name for name, share in shares.items() if share >= SATURATED) or "neither"


def errors_of(samples: Sequence[Sample]) -> list[str]:
    return sorted({error for sample in samples for error in sample.load.errors})


def ratios_of(first: Sequence[Sample], second: Sequence[Sample], figure: Figure) -> list[float]:
    """Round by round: a temporary slowdown affects both sides of a round."""
    return [figure(one) / figure(other) for one, other in zip(first, second) if figure(other) > 0]


def spread(figures: Sequence[float]) -> str:
    if not figures:
        return "-"
    return f"{statistics.median(figures):.3f} ({min(figures):.3f}..{max(figures):.3f})"


def requests_per_second(sample: Sample) -> float:
    return sample.requests_per_second


def cpu_microseconds(sample: Sample) -> float:
    return sample.cpu_microseconds
