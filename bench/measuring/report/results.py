"""The results of a run, as stored in results.json and read by page and plots."""

import dataclasses
import json
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measuring.counting.memory import Held
from measuring.load import sample
from measuring.load.bounded_run import Load
from measuring.load.sample import Sample
from measuring.servers import ServerError

FILE = "results.json"
RATE_HELD = 0.98  # of the requested rate of an open loop
SATURATED = 0.95  # of the wall time; wrk needs the rest to start and end

LATENCY_PERCENTILES = ("p50", "p75", "p90", "p95", "p99", "p99.9", "p99.99")
LATENCY_FIGURES = ("mean", *LATENCY_PERCENTILES, "max")
LAG = "p99"  # what is shown of how late the generator sent
MOST_LAG = 0.5  # of the same percentile of the latencies, which include it


@dataclass
class Row:
    """One server, one request and one generator, in all rounds."""

    label: str
    server: str
    generator: str
    answer_class: str
    path: str
    request: str
    connections: int
    depth: int
    at: float | None
    curve: str
    share: float | None  # of the lowest ceiling
    rate: int | None = None  # requested, in an open loop
    answer_bytes: int = 0
    answer_head: str = ""
    samples: list[Sample] = field(default_factory=list)
    failure: str | None = None  # why samples are missing

    @property
    def errors(self) -> list[str]:
        found = sorted({error for sample in self.samples for error in sample.load.errors})
        return found + ([self.failure] if self.failure else [])

    @property
    def is_valid(self) -> bool:
        return bool(self.samples) and not self.errors

    @property
    def requests(self) -> int:
        return sum(sample.load.requests for sample in self.samples)

    def rounds(self, figure: str) -> list[float]:
        """A figure of each sample, by its name."""
        return [getattr(sample, figure) for sample in self.samples]

    def median(self, figure: str) -> float:
        return statistics.median(self.rounds(figure))

    @property
    def requests_per_second(self) -> float:
        return self.median("requests_per_second")

    @property
    def cpu_microseconds(self) -> float:
        return self.median("cpu_microseconds")

    @property
    def saturated(self) -> str:
        """The sides that were busy all the time."""
        shares = {"server": self.median("server_share"), "client": self.median("client_share")}
        return " and ".join(name for name, share in shares.items() if share >= SATURATED) or "neither"

    @property
    def is_open_loop(self) -> bool:
        return self.share is not None or self.rate is not None

    @property
    def holds_rate(self) -> bool:
        return self.rate is None or self.requests_per_second >= RATE_HELD * self.rate

    def _median_of(self, name: str, times_of: Callable[[Load], dict[str, float]]) -> float | None:
        """None unless every round knows it."""
        times = [times_of(sample.load) for sample in self.samples]
        known = [one[name] for one in times if name in one]
        return statistics.median(known) if known and len(known) == len(times) else None

    @property
    def latencies(self) -> dict[str, float]:
        """The median of the rounds, in seconds, by percentile; mean and max too."""
        found = {name: self._median_of(name, lambda load: load.latencies) for name in LATENCY_FIGURES}
        return {name: seconds for name, seconds in found.items() if seconds is not None}

    @property
    def lag(self) -> float | None:
        """How late the generator itself sent, in seconds, if it says so."""
        return self._median_of(LAG, lambda load: load.lags)

    @property
    def measures_the_generator(self) -> bool:
        """Whether the latencies are largely the generator's own."""
        latency = self.latencies.get(LAG)
        return self.lag is not None and latency is not None and self.lag > MOST_LAG * latency


@dataclass
class Skipped:
    what: str
    reason: str


@dataclass
class ScenarioResult:
    name: str
    title: str
    question: str
    reference: str
    axis: str | None
    rounds: int
    rows: list[Row] = field(default_factory=list)
    memory: list[Held] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        return list(dict.fromkeys(row.label for row in self.rows))

    def labelled(self, label: str) -> list[Row]:
        return [row for row in self.rows if row.label == label]

    def reference_for(self, row: Row) -> Row | None:
        """The row that this one is compared with: of the same label, and valid."""
        others = self.labelled(row.label)
        return next((other for other in others if other.server == self.reference and other.is_valid), None)

    def cpu_ratios(self, row: Row) -> list[float]:
        """Round by round: a temporary slowdown affects both."""
        reference, figure = self.reference_for(row), "cpu_microseconds"
        return [] if reference is None else sample.ratios(row.rounds(figure), reference.rounds(figure))


@dataclass
class Results:
    facts: dict[str, Any]  # of the machine, the build, the tools and the settings
    scenarios: list[ScenarioResult] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)  # missing in all scenarios

    @property
    def all_valid(self) -> bool:
        rows = [row for scenario in self.scenarios for row in scenario.rows]
        memory = [held for scenario in self.scenarios for held in scenario.memory]
        return all(row.is_valid for row in rows) and all(held.failure is None for held in memory)


def write(results: Results, path: Path) -> None:
    path.write_text(json.dumps(dataclasses.asdict(results), indent=1) + "\n")


def read(path: Path) -> Results:
    """What `write` has written."""
    try:
        raw = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ServerError(f"{path} cannot be read: {error}") from error
    for scenario in raw["scenarios"]:
        for row in scenario["rows"]:
            for one in row["samples"]:
                one["load"]["errors"] = tuple(one["load"]["errors"])
                one["load"] = Load(**one["load"])
            row["samples"] = [Sample(**one) for one in row["samples"]]
        for held in scenario["memory"]:
            held["memory"] = {int(count): sizes for count, sizes in held["memory"].items()}
        scenario["rows"] = [Row(**row) for row in scenario["rows"]]
        scenario["memory"] = [Held(**held) for held in scenario["memory"]]
        scenario["skipped"] = [Skipped(**skip) for skip in scenario["skipped"]]
    scenarios = [ScenarioResult(**scenario) for scenario in raw["scenarios"]]
    return Results(raw["facts"], scenarios, [Skipped(**skip) for skip in raw["skipped"]])
