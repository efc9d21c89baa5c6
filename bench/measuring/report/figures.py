"""Which figures a report has, and their contents; plots.py draws them."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from measuring.report.results import LATENCY_PERCENTILES, Results, Row, ScenarioResult
from measuring.servers import CHOPIN

USER, SYSTEM = "user", "system"
MILLISECONDS = 1e3
KIB = 1024


@dataclass(frozen=True)
class Bar:
    name: str
    parts: tuple[tuple[str, float], ...]  # stacked
    spread: tuple[float, float]  # the least and the greatest of the rounds
    is_ours: bool

    @property
    def length(self) -> float:
        return sum(length for _, length in self.parts)


@dataclass(frozen=True)
class Bars:
    stem: str  # of the files
    title: str
    axis: str
    bars: tuple[Bar, ...]
    mark: float | None = None  # a value to compare the bars with


@dataclass(frozen=True)
class Line:
    name: str
    points: tuple[tuple[float, float], ...]
    is_ours: bool


@dataclass(frozen=True)
class Lines:
    stem: str
    title: str
    x_axis: str
    y_axis: str
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, str], ...]  # of the x axis
    doubles: bool = False  # x, from tick to tick
    has_logarithmic_y: bool = False


Figure = Bars | Lines


def figures_of(scenario: ScenarioResult) -> list[Figure]:
    """Of valid rows only."""
    if scenario.memory:
        figures: list[Figure] = [_memory(scenario)]
    elif scenario.axis is not None:
        figures = list(_curves(scenario))
    elif any(row.is_open_loop for row in scenario.rows):
        figures = list(_latencies(scenario))
    else:
        figures = list(_bars(scenario))
    return [figure for figure in figures if _shows_something(figure)]


def _shows_something(figure: Figure) -> bool:
    """A single bar would compare with nothing."""
    if isinstance(figure, Lines):
        return bool(figure.lines)
    return len(figure.bars) > 1 or (figure.mark is not None and bool(figure.bars))


def all_of(results: Results) -> Iterator[Figure]:
    for scenario in results.scenarios:
        yield from figures_of(scenario)


def _valid(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.is_valid]


def _bars(scenario: ScenarioResult) -> Iterator[Bars]:
    for label in scenario.labels:
        rows = _valid(scenario.labelled(label))
        stem = f"{scenario.name}-{_plain(label)}"
        title = f"{scenario.title}, {label}"
        figure = "requests_per_second"
        bars = (_bar(scenario, row, (("", row.median(figure)),), row.rounds(figure)) for row in rows)
        yield Bars(f"{stem}-requests", title, "requests/s", tuple(bars))
        yield _cpu_bars(scenario, rows, f"{stem}-cpu", title)
        yield _ratio_bars(scenario, rows, f"{stem}-ratio", title)


def _cpu_bars(scenario: ScenarioResult, rows: Sequence[Row], stem: str, title: str) -> Bars:
    bars = []
    for row in rows:
        parts = tuple((part, row.median(f"{part}_microseconds")) for part in (USER, SYSTEM))
        bars.append(_bar(scenario, row, parts, row.rounds("cpu_microseconds")))
    return Bars(stem, title, "CPU time per request, us", tuple(bars))


def _ratio_bars(scenario: ScenarioResult, rows: Sequence[Row], stem: str, title: str) -> Bars:
    bars = []
    for row in rows:
        ratios = scenario.cpu_ratios(row)
        if ratios and row.server != scenario.reference:
            bars.append(_bar(scenario, row, (("", statistics.median(ratios)),), ratios))
    axis = f"CPU time per request, times that of {scenario.reference}"
    return Bars(stem, title, axis, tuple(bars), mark=1.0)


def _bar(scenario: ScenarioResult, row: Row, parts: tuple[tuple[str, float], ...], rounds: Sequence[float]) -> Bar:
    return Bar(row.server, parts, (min(rounds), max(rounds)), _is_ours(scenario, row.server))


def _is_ours(scenario: ScenarioResult, server: str) -> bool:
    """If all servers are chopin, those that are compared with the reference."""
    servers = {row.server for row in scenario.rows} | {row.server for row in scenario.memory}
    return server == CHOPIN if CHOPIN in servers else server != scenario.reference


def _curves(scenario: ScenarioResult) -> Iterator[Lines]:
    assert scenario.axis is not None
    figures = (
        ("requests", "requests/s", "requests_per_second"),
        ("cpu", "CPU time per request, us", "cpu_microseconds"),
    )
    for curve in dict.fromkeys(row.curve for row in scenario.rows):
        rows = [row for row in _valid(scenario.rows) if row.curve == curve]
        ticks = tuple((at, f"{at:,.0f}") for at in sorted({row.at for row in rows if row.at is not None}))
        for kind, axis, figure in figures:
            stem = "-".join(filter(None, (scenario.name, _plain(curve), kind)))
            title = ", ".join(filter(None, (scenario.title, curve)))
            lines = tuple(_line(scenario, rows, server, figure) for server in dict.fromkeys(row.server for row in rows))
            yield Lines(stem, title, scenario.axis, axis, lines, ticks, doubles=True)


def _line(scenario: ScenarioResult, rows: Sequence[Row], server: str, figure: str) -> Line:
    own = [row for row in rows if row.server == server]
    points = sorted((row.at, row.median(figure)) for row in own if row.at is not None)
    return Line(server, tuple(points), _is_ours(scenario, server))


def _latencies(scenario: ScenarioResult) -> Iterator[Figure]:
    """Latencies at rates that were not held measure a queue, and others the generator: they are only in the table."""
    ticks = tuple((float(place), name) for place, name in enumerate(LATENCY_PERCENTILES))
    for label in dict.fromkeys(row.label for row in scenario.rows if row.is_open_loop):
        stem, title = f"{scenario.name}-{_plain(label)}", f"{scenario.title}: {label}"
        rows = [row for row in _valid(scenario.labelled(label)) if row.holds_rate]
        lines = []
        for row in rows:
            latencies = {} if row.measures_the_generator else row.latencies
            points = tuple((at, latencies[name] * MILLISECONDS) for at, name in ticks if name in latencies)
            if points:
                lines.append(Line(row.server, points, _is_ours(scenario, row.server)))
        axis = "percentile of responses"
        yield Lines(stem, title, axis, "ms", tuple(lines), ticks, has_logarithmic_y=True)
        yield _cpu_bars(scenario, rows, f"{stem}-cpu", title)


def _memory(scenario: ScenarioResult) -> Lines:
    assert scenario.axis is not None
    rows = [row for row in scenario.memory if row.failure is None]
    lines = []
    for row in rows:
        points = tuple((float(count), row.memory[count]["Pss"] / KIB / KIB) for count in sorted(row.memory))
        lines.append(Line(row.server, points, _is_ours(scenario, row.server)))
    counts = sorted({count for row in rows for count in row.memory})
    ticks = tuple((float(count), f"{count:,}") for count in counts)
    return Lines(scenario.name, scenario.title, scenario.axis, "memory (Pss), MiB", tuple(lines), ticks)


def _plain(label: str) -> str:
    """As part of a file name."""
    return "-".join("".join(c if c.isalnum() else " " for c in label).split()).lower()
