"""What rows cost when the baseline was taken, and how that compares with what they cost now."""

import dataclasses
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from measuring.counting.tracers import INSTRUCTIONS, Costs

FILE = Path(__file__).resolve().parents[2] / "baseline.json"
TOLERANCE = 0.02
CLOCK_CALLS = 0.03  # per request: what the clock may add in a slow run

WORSE = 1
NO_VERDICT = 3


class BaselineError(Exception):
    """The file is missing or is not a baseline."""


@dataclass(frozen=True)
class Baseline:
    build: dict[str, str]  # what counts depend on besides the source
    rows: dict[str, Costs]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(dataclasses.asdict(self), indent=2) + "\n")


def read(path: Path) -> Baseline:
    try:
        content = json.loads(path.read_text())
        build = {str(key): str(value) for key, value in content["build"].items()}
        rows = {str(name): _costs(costs) for name, costs in content["rows"].items()}
    except OSError as error:
        raise BaselineError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BaselineError(f"{path} is not a baseline: {error!r}; take one with --write-baseline") from error
    return Baseline(build, rows)


def _costs(content: dict[str, float]) -> Costs:
    calls = {str(cost): float(figure) for cost, figure in content.items()}
    return {INSTRUCTIONS: float(content[INSTRUCTIONS]), **calls}


def rounded(costs: Costs) -> Costs:
    """Without the digits and system calls that come from the clock."""
    kept = {cost: figure for cost, figure in costs.items() if cost == INSTRUCTIONS or figure >= CLOCK_CALLS}
    return {cost: round(figure, 1 if cost == INSTRUCTIONS else 3) for cost, figure in kept.items()}


@dataclass(frozen=True)
class Change:
    """How a cost of a row has changed."""

    row: str
    cost: str
    was: float
    now: float

    @property
    def worse(self) -> bool:
        return self.now > self.was

    @property
    def is_beyond_tolerance(self) -> bool:
        spared = 0 if self.cost == INSTRUCTIONS else CLOCK_CALLS
        return abs(self.now - self.was) > TOLERANCE * self.was + spared

    def __str__(self) -> str:
        share = f"{abs(self.now / self.was - 1):.1%} " if self.was else ""
        more = "more" if self.worse else "less"
        return f"{self.row}: {self.now:,.6g} {self.cost} per request, {share}{more} than {self.was:,.6g}"


@dataclass(frozen=True)
class Comparison:
    """How current figures differ from a baseline."""

    changes: tuple[Change, ...]
    unknown: tuple[str, ...]  # rows that are not in the baseline
    gone: tuple[str, ...]  # rows of the baseline that were not measured
    build: tuple[str, ...]  # differences between the two builds

    @property
    def worse(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.worse)

    @property
    def better(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if not change.worse)

    @property
    def status(self) -> int:
        """The exit code. Figures of a different build get no verdict."""
        if self.build:
            return NO_VERDICT
        return WORSE if self.worse or self.unknown or self.gone else 0


def compare(then: Baseline, now: Baseline, wanted: Collection[str] | None = None) -> Comparison:
    """All rows, or only the `wanted` ones."""
    known = [name for name in now.rows if name in then.rows]
    missed = [name for name in then.rows if name not in now.rows]
    return Comparison(
        tuple(change for name in known for change in _changes(name, then.rows[name], now.rows[name])),
        tuple(name for name in now.rows if name not in then.rows),
        tuple(name for name in missed if wanted is None or name in wanted),
        tuple(_differences(then.build, now.build)),
    )


def _changes(row: str, then: Costs, now: Costs) -> list[Change]:
    costs = dict.fromkeys([*then, *now])
    all_costs = [Change(row, cost, then.get(cost, 0), now.get(cost, 0)) for cost in costs]
    return [change for change in all_costs if change.is_beyond_tolerance]


def _differences(then: dict[str, str], now: dict[str, str]) -> list[str]:
    return [
        f"{fact} {now.get(fact, 'unknown')}, in the baseline {then.get(fact, 'unknown')}"
        for fact in dict.fromkeys([*then, *now])
        if then.get(fact) != now.get(fact)
    ]
