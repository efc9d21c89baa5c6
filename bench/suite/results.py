"""The results of a run, as stored in results.json and read by report and plots."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import comparison
import servers
from comparison import Sample
from load import Load
from memory import Memory

FILE = "results.json"
RATE_HELD = 0.98  # of the requested rate of an open loop
Raw = dict[str, Any]  # as in the file

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
        return comparison.errors_of(self.samples) + ([self.failure] if self.failure else [])

    @property
    def is_valid(self) -> bool:
        return bool(self.samples) and not self.errors

    @property
    def requests(self) -> int:
        return sum(sample.load.requests for sample in self.samples)

    @property
    def requests_per_second(self) -> float:
        return comparison.median(self.samples, comparison.requests_per_second)

    @property
    def user_microseconds(self) -> float:
        return comparison.median(self.samples, lambda sample: sample.user_microseconds)

    @property
    def system_microseconds(self) -> float:
        return comparison.median(self.samples, lambda sample: sample.system_microseconds)

    @property
    def cpu_microseconds(self) -> float:
        return comparison.median(self.samples, comparison.cpu_microseconds)

    @property
    def server_share(self) -> float:
        return comparison.median(self.samples, lambda sample: sample.server_share)

    @property
    def client_share(self) -> float:
        return comparison.median(self.samples, lambda sample: sample.client_share)

    @property
    def others_share(self) -> float:
        return comparison.median(self.samples, lambda sample: sample.others_share)

    @property
    def saturated(self) -> str:
        return comparison.saturated(self.samples, "client")

    @property
    def is_open_loop(self) -> bool:
        return self.share is not None or self.rate is not None

    @property
    def holds_rate(self) -> bool:
        return self.rate is None or self.requests_per_second >= RATE_HELD * self.rate

    @property
    def latencies(self) -> dict[str, float]:
        """The median of the rounds, in seconds, by percentile; mean and max too."""
        return {
            name: comparison.median(self.samples, lambda sample: sample.load.latencies[name])
            for name in LATENCY_FIGURES
            if self.samples and all(name in sample.load.latencies for sample in self.samples)
        }

    @property
    def lag(self) -> float | None:
        """How late the generator itself sent, in seconds, if it says so."""
        if not self.samples or not all(LAG in sample.load.lags for sample in self.samples):
            return None
        return comparison.median(self.samples, lambda sample: sample.load.lags[LAG])

    @property
    def measures_the_generator(self) -> bool:
        """Whether the latencies are largely the generator's own."""
        latency = self.latencies.get(LAG)
        return self.lag is not None and latency is not None and self.lag > MOST_LAG * latency


@dataclass
class MemoryRow:
    """The memory of a server with different numbers of idle connections."""

    server: str
    memory: dict[int, Memory] = field(default_factory=dict)  # by the number of connections; 0 is before them
    closed: Memory | None = None  # some seconds after the last was closed
    failure: str | None = None

    def bytes_per_connection(self, count: int, kind: str = "Pss") -> float:
        return (self.memory[count][kind] - self.memory[0][kind]) / count


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
    memory: list[MemoryRow] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        return list(dict.fromkeys(row.label for row in self.rows))

    def labelled(self, label: str) -> list[Row]:
        return [row for row in self.rows if row.label == label]

    def reference_for(self, row: Row) -> Row | None:
        """The row that this one is compared with: of the same label, and valid."""
        for other in self.labelled(row.label):
            if other.server == self.reference and other.is_valid:
                return other
        return None

    def cpu_ratios(self, row: Row) -> list[float]:
        """Round by round: a temporary slowdown affects both."""
        reference = self.reference_for(row)
        return (
            []
            if reference is None
            else comparison.ratios_of(row.samples, reference.samples, comparison.cpu_microseconds)
        )


@dataclass
class Results:
    facts: dict[str, Any]  # of the machine, the build, the tools and the settings
    scenarios: list[ScenarioResult] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)  # missing in all scenarios

    @property
    def all_valid(self) -> bool:
        rows_valid = all(row.is_valid for scenario in self.scenarios for row in scenario.rows)
        return rows_valid and all(
            row.failure is None for scenario in self.scenarios for row in scenario.memory
        )


def write(results: Results, path: Path) -> None:
    path.write_text(json.dumps(dataclasses.asdict(results), indent=1) + "\n")


def read(path: Path) -> Results:
    try:
        raw = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise servers.ServerError(f"{path} cannot be read: {error}") from error
    scenarios = [_scenario(**scenario) for scenario in raw["scenarios"]]
    return Results(raw["facts"], scenarios, _skipped(raw["skipped"]))


def _scenario(rows: list[Raw], memory: list[Raw], skipped: list[Raw], **rest: Any) -> ScenarioResult:
    return ScenarioResult(
        rows=[_row(**row) for row in rows],
        memory=[_memory_row(**row) for row in memory],
        skipped=_skipped(skipped),
        **rest,
    )


def _row(samples: list[Raw], **rest: Any) -> Row:
    return Row(samples=[_sample(**sample) for sample in samples], **rest)


def _sample(load: Raw, **rest: Any) -> Sample:
    return Sample(load=_load(**load), **rest)


def _load(errors: list[str], **rest: Any) -> Load:
    return Load(errors=tuple(errors), **rest)


def _memory_row(memory: dict[str, Memory], **rest: Any) -> MemoryRow:
    return MemoryRow(memory={int(count): held for count, held in memory.items()}, **rest)


def _skipped(raw: list[Raw]) -> list[Skipped]:
    return [Skipped(**skip) for skip in raw]
