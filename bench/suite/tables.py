"""The tables of the report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import comparison
from suite.contenders import CHOPIN
from suite.markup import cell, group_line, line, name_cell, paragraph, table
from suite.results import LAG, LATENCY_FIGURES, MemoryRow, Row, ScenarioResult

KIB = 1024
MILLISECONDS = 1e3


@dataclass(frozen=True)
class Column:
    title: str
    figure: Callable[[ScenarioResult, Row], str]
    is_text: bool = False


WHO = (
    Column("class", lambda _, row: row.answer_class, is_text=True),
    Column("generator", lambda _, row: row.generator, is_text=True),
)
RATE = (Column("requested rate", lambda _, row: _rate(row)),)
LOAD = (
    Column("requests", lambda _, row: f"{row.requests:,}"),
    Column("errors", lambda _, row: str(len(row.errors))),
    Column("requests/s", lambda _, row: f"{row.requests_per_second:,.0f}"),
    Column("CPU us/request", lambda _, row: f"{row.cpu_microseconds:.3f}"),
    Column("user", lambda _, row: f"{row.user_microseconds:.3f}"),
    Column("system", lambda _, row: f"{row.system_microseconds:.3f}"),
    Column("CPU ratio", lambda scenario, row: _ratio(scenario, row)),
    Column("server CPU", lambda _, row: f"{row.server_share:.0%}"),
    Column("client CPU", lambda _, row: f"{row.client_share:.0%}"),
    Column("others", lambda _, row: f"{row.others_share:.0%}"),
    Column("saturated", lambda _, row: _saturated(row), is_text=True),
    Column("response, bytes", lambda _, row: f"{row.answer_bytes:,}"),
)


def _latency_column(name: str) -> Column:
    return Column(f"{name}, ms", lambda _, row: _latency(row, name))


LATENCIES = (*map(_latency_column, LATENCY_FIGURES), Column(f"lag {LAG}, ms", lambda _, row: _lag(row)))


def rows_table(scenario: ScenarioResult) -> str:
    has_rates = any(row.is_open_loop for row in scenario.rows)
    columns = (*WHO, *RATE, *LOAD, *LATENCIES) if has_rates else (*WHO, *LOAD)
    lines = []
    for label in scenario.labels:
        lines.append(group_line(label, len(columns) + 1))
        lines += [_row_lines(scenario, row, columns) for row in scenario.labelled(label)]
    titles = ["server", *(column.title for column in columns)]
    note = f"CPU ratio: to {scenario.reference}, median (least..greatest) of the rounds."
    has_ratios = any(scenario.cpu_ratios(row) for row in scenario.rows)
    texts = ["server", *(column.title for column in columns if column.is_text)]
    return table(titles, lines, texts) + (paragraph(note, "faint") if has_ratios else "")


def _row_lines(scenario: ScenarioResult, row: Row, columns: Sequence[Column]) -> str:
    name = name_cell(row.server)
    verdict = f"INVALID: {'; '.join(row.errors)}"
    if not row.samples:
        return line([name, cell(verdict, "text", len(columns))], _ours(row.server), "invalid")
    cells = [cell(column.figure(scenario, row), "text" if column.is_text else "") for column in columns]
    if row.is_valid:
        return line([name, *cells], _ours(row.server))
    figures = line([name, *cells], _ours(row.server), "invalid")
    return figures + line([cell(verdict, "text", len(columns) + 1)], "invalid")


def _ratio(scenario: ScenarioResult, row: Row) -> str:
    if scenario.reference_for(row) is row:
        return "reference"
    return comparison.spread(scenario.cpu_ratios(row))


def _rate(row: Row) -> str:
    if row.rate is None:
        return "-"
    return f"{row.rate:,}" if row.holds_rate else f"{row.rate:,}, not held"


def _latency(row: Row, name: str) -> str:
    """In a closed loop the generator waits for a slow server, so its latencies say little."""
    if row.rate is None or name not in row.latencies:
        return "-"
    return f"{row.latencies[name] * MILLISECONDS:.3f}"


def _lag(row: Row) -> str:
    if row.lag is None:
        return "-"
    return f"{row.lag * MILLISECONDS:.3f}{', too late' if row.measures_the_generator else ''}"


def _saturated(row: Row) -> str:
    """At a fixed rate a generator that polls is always busy. Its lag shows whether it was overloaded."""
    return "-" if row.is_open_loop else row.saturated


def memory_table(rows: Sequence[MemoryRow]) -> str:
    counts = sorted({count for row in rows for count in row.memory if count})
    titles = [
        "server",
        "before, KiB",
        *(f"{count:,} connections, KiB" for count in counts),
        *(f"bytes each of {count:,}" for count in counts),
        "closed, KiB",
    ]
    lines = [_memory_line(row, counts, len(titles) - 1) for row in rows]
    note = "Pss of the server; kernel memory of the connections is not included."
    return table(titles, lines, ["server"]) + paragraph(note, "faint")


def _memory_line(row: MemoryRow, counts: Sequence[int], width: int) -> str:
    name = name_cell(row.server)
    if row.closed is None:
        verdict = f"INVALID: {row.failure}"
        return line([name, cell(verdict, "text", width)], _ours(row.server), "invalid")
    sizes = [row.memory[count]["Pss"] / KIB for count in (0, *counts)]
    each = [row.bytes_per_connection(count) for count in counts]
    figures = [*sizes, *each, row.closed["Pss"] / KIB]
    return line([name, *(cell(f"{figure:,.0f}") for figure in figures)], _ours(row.server))


def _ours(server: str) -> str:
    return "ours" if server == CHOPIN else ""
