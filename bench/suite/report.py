"""Writes report.html: one self-contained page, made from the results only."""

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import servers
from differences import differences
from suite import drawing, figures
from suite.contenders import CHOPIN
from suite.markup import cell, definitions, document, folded, heading, line, name_cell, paragraph, table
from suite.results import Results, Row, ScenarioResult, Skipped
from suite.tables import memory_table, rows_table
from suite.theme import FOLDER, INK, RULE

FILE = "report.html"
TITLE = "Chopin, measured"
CSS = Path(__file__).resolve().parent / "page.css"
BUILD_FACTS = ("commit", "compiler", "flags", "build", "boost", "allocator")

HOW_TO_READ = (
    "Figures are medians of the rounds. A round measures every row in turn, each with a new process; server and"
    " load generator have their own CPUs.",
    "CPU per request is the server's user and system time divided by the requests that the generator counted. It"
    " is valid whichever side is saturated. Ratios are taken round by round: median, least and greatest.",
    "Requests/s measure the server only if the server is the saturated side: then they are its ceiling."
    " Neither means that other processes had the CPU: see others.",
    "A row with errors is INVALID and in no plot. Prebuilt responses are bytes made at start, which benchmark"
    " rulebooks list apart; composed responses are written for each request.",
)

SvgOf = Callable[[str], str | None]  # by the stem of the figure's files


def write(results: Results, folder: Path) -> Path:
    """With the plots, which are drawn from results.json."""
    reason = drawing.draw(folder)
    path = folder / FILE
    path.write_text(page(results, lambda stem: _svg(folder / FOLDER / f"{stem}.svg"), reason))
    return path


def page(results: Results, svg_of: SvgOf, plots_missing: str | None) -> str:
    body = [
        f"<h1>{TITLE}</h1>",
        _conditions(results.facts),
        *map(paragraph, HOW_TO_READ),
        _doctor(results.facts["doctor"]),
        _skipped("Missing", results.skipped),
        paragraph(f"Plots were left out: {plots_missing}", "warning") if plots_missing else "",
        _contents(results.scenarios),
        *(_scenario(scenario, svg_of) for scenario in results.scenarios),
        _instructions(results.facts["instructions"]),
        _responses(results.scenarios),
    ]
    return document(TITLE, CSS.read_text(), "\n".join(filter(None, body)))


def _svg(path: Path) -> str | None:
    """For embedding in the page, in the page's colours."""
    if not path.is_file():
        return None
    text = path.read_text()
    return text[text.index("<svg") :].replace(INK, "currentColor").replace(RULE, "var(--rule)")


def _conditions(facts: dict[str, Any]) -> str:
    settings = facts["settings"]
    rows = {
        "date": facts["date"],
        "working tree": facts["source"],
        **{name: facts["chopin"][name] for name in BUILD_FACTS if name in facts["chopin"]},
        "kernel": facts["kernel"],
        "CPU": f"{facts['cpu']}; {facts['cpus']}",
        "pinned": facts["pins"],
        "governor": facts["governor"],
        "load average": f"{facts['load average']} before the run",
        "run": f"{'quick' if settings['quick'] else 'full'}, {settings['seconds']} s each",
        **{f"load generator {name}": version for name, version in facts["generators"].items()},
        **{f"peer {name}": version for name, version in facts["peers"].items()},
    }
    mitigations = folded("CPU vulnerabilities and mitigations", definitions(facts["mitigations"]))
    return definitions(rows) + mitigations


def _doctor(doctor: dict[str, Any]) -> str:
    title = heading("The machine", "doctor")
    if "reason" in doctor:
        return title + paragraph(f"Not examined: {doctor['reason']}", "warning")
    fine = [row for row in doctor["rows"] if row["verdict"] == "ok"]
    rest = [row for row in doctor["rows"] if row["verdict"] != "ok"]
    summary = f"chopin doctor: warnings: {doctor['warnings']}, ok: {len(fine)}"
    return title + paragraph(summary) + _doctors_list(rest) + folded("Ok", _doctors_list(fine))


def _doctors_list(rows: Sequence[dict[str, Any]]) -> str:
    return f"<ul>{''.join(map(_doctors_row, rows))}</ul>"


def _doctors_row(row: dict[str, Any]) -> str:
    text = f"{row['name']}, {row['verdict']}: {row['found']}; wanted: {row['wanted']}"
    command = f"<br><code>{escape(row['command'])}</code>" if row["command"] else ""
    return f'<li>{escape(text)}{command}<br><span class="faint">{escape(row["why"])}</span></li>'


def _skipped(title: str, skips: Sequence[Skipped]) -> str:
    if not skips:
        return ""
    items = "".join(f"<li>{escape(skip.what)}: {escape(skip.reason)}</li>" for skip in skips)
    return f"<h3>{title}</h3><ul>{items}</ul>"


def _contents(scenarios: Sequence[ScenarioResult]) -> str:
    links = "".join(f'<a href="#{escape(one.name)}">{escape(one.title)}</a>' for one in scenarios)
    return f"<nav>{links}</nav>"


def _scenario(scenario: ScenarioResult, svg_of: SvgOf) -> str:
    rounds = f"{scenario.rounds} round{'' if scenario.rounds == 1 else 's'}"
    parts = [
        heading(scenario.title, scenario.name),
        paragraph(f"{scenario.question} {rounds}."),
        _figures(scenario, svg_of),
        rows_table(scenario) if scenario.rows else "",
        memory_table(scenario.memory) if scenario.memory else "",
        _skipped("Skipped", scenario.skipped),
    ]
    return "\n".join(filter(None, parts))


def _figures(scenario: ScenarioResult, svg_of: SvgOf) -> str:
    drawn = [(figure.title, svg_of(figure.stem)) for figure in figures.figures_of(scenario)]
    items = [f'<figure role="img" aria-label="{escape(title)}">{svg}</figure>' for title, svg in drawn if svg]
    return f'<div class="figures">{"".join(items)}</div>' if items else ""


def _instructions(counts: dict[str, Any] | None) -> str:
    """From a separate run of bench/run instructions; its build is therefore shown."""
    if counts is None:
        return ""
    costs = list(dict.fromkeys(cost for row in counts["rows"].values() for cost in row["costs"]))
    lines = [line([name_cell(name), *_counted(row, costs)]) for name, row in counts["rows"].items()]
    return (
        heading("Instructions and system calls of a request", "instructions")
        + paragraph(f"Counted by bench/run instructions ({counts['driver']}).")
        + table(["row", "requests", "limit", *costs], lines, ["row"])
        + folded("The build that was counted", definitions(counts["build"]))
    )


def _counted(row: dict[str, Any], costs: Sequence[str]) -> list[str]:
    limit = "-" if row["limit"] is None else f"{row['limit']:,}"
    figures = (f"{row['costs'][cost]:,.3f}" if cost in row["costs"] else "-" for cost in costs)
    return [cell(f"{row['requests']:,}"), cell(limit), *map(cell, figures)]


def _responses(scenarios: Sequence[ScenarioResult]) -> str:
    """One response for each server and path, and how its head differs from chopin's."""
    rows: dict[tuple[str, str], Row] = {}
    for scenario in scenarios:
        for row in scenario.rows:
            rows.setdefault((row.path, row.server), row)
    items = "".join(_response(row, rows.get((path, CHOPIN))) for (path, _), row in sorted(rows.items()))
    return heading("Responses of the servers", "responses") + items if items else ""


def _response(row: Row, ours: Row | None) -> str:
    note = "" if ours is None or ours is row else f"; {_difference(row, ours)}"
    summary = f"{row.path} {row.server}: {row.answer_bytes} bytes{note}"
    return folded(summary, f"<pre>{escape(row.answer_head.strip())}</pre>")


def _difference(row: Row, ours: Row) -> str:
    heads = (servers.Response(one.answer_head.encode("latin-1"), b"").without_date() for one in (row, ours))
    found = differences(*heads)
    return f"not as {CHOPIN}: {', '.join(found)}" if found else f"the same head as {CHOPIN}"
