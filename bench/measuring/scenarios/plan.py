"""What a scenario consists of: rows of servers, workloads and load generators."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from measuring.load.workload import Workload
from measuring.scenarios.field import Contender, Field
from measuring.servers import FLOOR


@dataclass(frozen=True)
class Skip:
    what: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """One row: server, workload and generator."""

    label: str  # rows of one label are compared
    contender: Contender
    work: Workload
    generator: str = "wrk"
    at: float | None = None  # the place on a curve, if the scenario has one
    curve: str = ""  # which curve, if it has several
    server_cpus: int = 1
    client_cpus: int = 1


@dataclass(frozen=True)
class Extent:
    """How much is measured, and what the machine allows."""

    quick: bool
    cores: int
    descriptors: int | None  # the hard limit; None: unlimited
    rate: int | None = None  # of the scenarios with a fixed one

    def fitting(self, counts: Sequence[int], plan: "Plan") -> list[int]:
        """The numbers of connections that the limit of descriptors allows; it is per process: server and load
        generator each have it."""
        most = None if self.descriptors is None else self.descriptors - 100
        for count in counts:
            if most is not None and count > most:
                plan.skip(counted(count, "connection"), f"the hard limit of open files is {self.descriptors}")
        return [count for count in counts if most is None or count <= most]


@dataclass
class Plan:
    entries: list[Entry] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)

    def add(self, label: str, everybody: Sequence[Contender], work: Workload, **more: Any) -> None:
        """`more` holds the other members of an entry."""
        for contender in everybody:
            self.entries.append(Entry(label, contender, replace(work, path=contender.program.path), **more))

    def skip(self, what: str, reason: str) -> None:
        self.skips.append(Skip(what, reason))


Planner = Callable[[Field, Extent], Plan]


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    question: str
    plan: Planner
    reference: str = FLOOR  # the server that ratios refer to
    rounds: int = 5
    quick_rounds: int = 0  # 0: not in the quick run
    axis: str | None = None  # of the curve, if it is one
    is_memory: bool = False


def counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count > 1 else ''}"
