"""The tables of the report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from measuring.counting.memory import Held
from measuring.load.sample import spread
from measuring.report.markup import cell, element, group_line, line, link, name_cell, paragraph, table
from measuring.report.results import LAG, LATENCY_FIGURES, Row, ScenarioResult
from measuring.report.verdicts import Verdict
from measuring.servers import CHOPIN

KIB = 1024
MILLISECONDS = 1e3


def verdict_table(found: Sequence[Verdict]) -> str:
    titles = ["scenario", "rows", "verdict", "ours", "to the floor", "us", "best other", "its to the floor", "its us"]
    firsts = {id(one.scenario): one for one in reversed(found)}
    lines = [_verdict_line(one, firsts[id(one.scenario)] is one) for one in found]
    return table(titles, lines, ["scenario", "rows", "verdict", "ours", "best other"])


def _verdict_line(one: Verdict, names_scenario: bool) -> str:
    name = link(one.scenario.title, one.scenario.name) if names_scenario else ""
    cells = [element("th", name, scope="row"), cell(one.label, "text"), cell(one.words, "text verdict")]
    for row in (one.ours, one.best):
        if row is None:
            cells += [cell("-", "text"), cell("-"), cell("-")]
        else:
            to_floor = one.to_floor(row)
            time = f"{row.cpu_microseconds:.2f}" if to_floor else spread(row.rounds("cpu_microseconds"), 2)
            cells += [cell(row.server, "text"), cell(spread(to_floor, 2)), cell(time)]
    return line(cells, "" if one.is_decided else "close", "verdicts")


@dataclass(frozen=True)
class Column:
    title: str
    figure: Callable[[ScenarioResult, Row], str]
    is_text: bool = False


def _share(title: str, name: str) -> Column:
    return Column(title, lambda _, row: f"{row.median(name):.0%}")


def _latency(name: str) -> Column:
    """In a closed loop the generator waits for a slow server, so its latencies say little."""
    return Column(
        f"{name}, ms",
        lambda _, row: (
            "-" if row.rate is None or name not in row.latencies else f"{row.latencies[name] * MILLISECONDS:.3f}"
        ),
    )


def _ratio(scenario: ScenarioResult, row: Row) -> str:
    return "reference" if scenario.reference_for(row) is row else spread(scenario.cpu_ratios(row))


def _rate(_: ScenarioResult, row: Row) -> str:
    return "-" if row.rate is None else f"{row.rate:,}{'' if row.holds_rate else ', not held'}"


def _lag(_: ScenarioResult, row: Row) -> str:
    late = ", too late" if row.measures_the_generator else ""
    return "-" if row.lag is None else f"{row.lag * MILLISECONDS:.3f}{late}"


def _saturated(_: ScenarioResult, row: Row) -> str:
    """At a fixed rate a generator that polls is always busy. Its lag shows whether it was overloaded."""
    return "-" if row.is_open_loop else row.saturated


WHO = (
    Column("class", lambda _, row: row.answer_class, is_text=True),
    Column("generator", lambda _, row: row.generator, is_text=True),
)
RATE = (Column("requested rate", _rate),)
LOAD = (
    Column("requests", lambda _, row: f"{row.requests:,}"),
    Column("errors", lambda _, row: str(len(row.errors))),
    Column("requests/s", lambda _, row: f"{row.requests_per_second:,.0f}"),
    Column("CPU us/request", lambda _, row: f"{row.cpu_microseconds:.3f}"),
    Column("user", lambda _, row: f"{row.median('user_microseconds'):.3f}"),
    Column("system", lambda _, row: f"{row.median('system_microseconds'):.3f}"),
    Column("CPU ratio", _ratio),
    _share("server CPU", "server_share"),
    _share("client CPU", "client_share"),
    _share("others", "others_share"),
    Column("saturated", _saturated, is_text=True),
    Column("response, bytes", lambda _, row: f"{row.answer_bytes:,}"),
)
LATENCIES = (*map(_latency, LATENCY_FIGURES), Column(f"lag {LAG}, ms", _lag))


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
    name, ours = name_cell(row.server), _ours(row.server)
    verdict = f"INVALID: {'; '.join(row.errors)}"
    if not row.samples:
        return line([name, cell(verdict, "text", len(columns))], ours, "invalid")
    cells = [cell(column.figure(scenario, row), "text" if column.is_text else "") for column in columns]
    if row.is_valid:
        return line([name, *cells], ours)
    return line([name, *cells], ours, "invalid") + line([cell(verdict, "text", len(columns) + 1)], "invalid")


def memory_table(rows: Sequence[Held]) -> str:
    counts = sorted({count for row in rows for count in row.memory if count})
    with_connections = (f"{count:,} connections, KiB" for count in counts)
    each = (f"bytes each of {count:,}" for count in counts)
    titles = ["server", "before, KiB", *with_connections, *each, "closed, KiB"]
    lines = [_memory_line(row, counts, len(titles) - 1) for row in rows]
    note = "Pss of the server; kernel memory of the connections is not included."
    return table(titles, lines, ["server"]) + paragraph(note, "faint")


def _memory_line(row: Held, counts: Sequence[int], width: int) -> str:
    name, ours = name_cell(row.server), _ours(row.server)
    if row.closed is None:
        return line([name, cell(f"INVALID: {row.failure}", "text", width)], ours, "invalid")
    sizes = [row.memory[count]["Pss"] / KIB for count in (0, *counts)]
    figures = [*sizes, *map(row.bytes_per_connection, counts), row.closed["Pss"] / KIB]
    return line([name, *(cell(f"{figure:,.0f}") for figure in figures)], ours)


def _ours(server: str) -> str:
    return "ours" if server == CHOPIN else ""
