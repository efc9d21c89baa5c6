"""What a run says at a glance: for each comparison chopin, the best of the others, and whether they can be told
apart."""

from dataclasses import dataclass

from measuring.load.sample import ratios
from measuring.report.results import Results, Row, ScenarioResult
from measuring.servers import CHOPIN, FLOOR

FIGURE = "cpu_microseconds"
TOO_CLOSE = "too close to call"
ONE_ROUND = "too close: one round"
ALONE = "no other server"


@dataclass(frozen=True)
class Verdict:
    """Of the rows of one label."""

    scenario: ScenarioResult
    label: str
    ours: Row
    floor: Row | None
    best: Row | None  # of the others, by CPU time per request

    def to_floor(self, row: Row) -> list[float]:
        """Round by round."""
        return [] if self.floor is None else ratios(row.rounds(FIGURE), self.floor.rounds(FIGURE))

    @property
    def words(self) -> str:
        """By the ratios to the floor where there is one, else by the times. Their spreads must not touch: else
        another run may turn it round."""
        if self.best is None:
            return ALONE
        ours, best = (self.to_floor(row) or row.rounds(FIGURE) for row in (self.ours, self.best))
        if len(ours) < 2 or len(best) < 2:
            return ONE_ROUND
        if max(ours) < min(best):
            return f"{self.ours.server} takes less"
        return f"{self.best.server} takes less" if max(best) < min(ours) else TOO_CLOSE

    @property
    def is_decided(self) -> bool:
        return self.words not in (ALONE, ONE_ROUND, TOO_CLOSE)


def verdicts(results: Results) -> list[Verdict]:
    """Of a curve only its ends."""
    found = []
    for scenario in results.scenarios:
        labels = scenario.labels if scenario.axis is None else dict.fromkeys(scenario.labels[:1] + scenario.labels[-1:])
        found += [_of(scenario, label) for label in labels]
    return [verdict for verdict in found if verdict is not None]


def _of(scenario: ScenarioResult, label: str) -> Verdict | None:
    """None without a valid row of ours. Where all rows are chopin, the one that the scenario is about is ours, and the
    reference stands for the others."""
    rows = {row.server: row for row in scenario.labelled(label) if row.is_valid}
    ours = rows.pop(CHOPIN, None)
    floor = rows.pop(FLOOR, None)
    if ours is None and scenario.reference in rows and len(rows) > 1:
        best = rows.pop(scenario.reference)
        return Verdict(scenario, label, min(rows.values(), key=_cost), floor, best)
    if ours is None:
        return None
    others = [row for name, row in rows.items() if not name.startswith(CHOPIN + " ")]
    return Verdict(scenario, label, ours, floor, min(others, key=_cost) if others else None)


def _cost(row: Row) -> float:
    return row.cpu_microseconds
