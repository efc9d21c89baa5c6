"""Writes report.html: one self-contained page, made from the results only."""

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from measuring.report import drawing, figures
from measuring.report.drawing import FOLDER, INK, RULE
from measuring.report.markup import (
    cell,
    definitions,
    document,
    element,
    folded,
    heading,
    line,
    link,
    name_cell,
    paragraph,
    table,
)
from measuring.report.results import Results, Row, ScenarioResult, Skipped
from measuring.report.tables import memory_table, rows_table, verdict_table
from measuring.report.verdicts import TOO_CLOSE, verdicts
from measuring.servers import CHOPIN, Response
from measuring.servers.check import differences

FILE = "report.html"
TITLE = "Chopin, measured"
CSS = Path(__file__).resolve().parent / "page.css"
BUILD_FACTS = ("commit", "compiler", "flags", "build", "boost", "allocator")

VERDICT = (
    "CPU time of the server per request, in microseconds, and its ratio to that of the floor, which speaks no HTTP:"
    f" median (least..greatest) of the rounds. Where the spreads of the two overlap it is {TOO_CLOSE}."
)
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
    """The machine and the verdicts come first, then the plots, then all figures and what they were measured with."""
    body = [
        element("h1", TITLE),
        _machine_line(results.facts),
        _verdicts(results),
        paragraph(f"Plots were left out: {plots_missing}", "warning") if plots_missing else "",
        *(_plots(scenario, svg_of) for scenario in results.scenarios),
        *(_figures(scenario) for scenario in results.scenarios),
        _instructions(results.facts["instructions"]),
        _responses(results.scenarios),
        heading("How to read the figures", "reading") + "".join(map(paragraph, HOW_TO_READ)),
        heading("Conditions", "conditions") + _conditions(results.facts) + _skipped("Missing", results.skipped),
        _doctor(results.facts["doctor"]),
    ]
    return document(TITLE, CSS.read_text(), "\n".join(filter(None, body)))


def _svg(path: Path) -> str | None:
    """For embedding in the page, in the page's colours."""
    if not path.is_file():
        return None
    text = path.read_text()
    return text[text.index("<svg") :].replace(INK, "currentColor").replace(RULE, "var(--rule)")


def _machine_line(facts: dict[str, Any]) -> str:
    kind = "Quick run" if facts["settings"]["quick"] else "Full run"
    machine = f"{facts['cpu']}, CPUs: {facts['cpus']}, kernel {facts['kernel']}; {facts['pins']}"
    commit, comma, state = facts["source"].partition(",")
    return paragraph(f"{machine}. {kind} of {facts['date'][:10]}, {commit[:12]}{comma}{state}.", "machine")


def _verdicts(results: Results) -> str:
    found = verdicts(results)
    if not found:
        return ""
    invalid = sum(not row.is_valid for scenario in results.scenarios for row in scenario.rows)
    warning = paragraph(f"Rows with errors: {invalid}. They are marked INVALID in the tables.", "warning")
    return verdict_table(found) + paragraph(VERDICT, "faint") + (warning if invalid else "")


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
    return definitions(rows) + folded("CPU vulnerabilities and mitigations", definitions(facts["mitigations"]))


def _doctor(doctor: dict[str, Any]) -> str:
    title = heading("The machine", "doctor")
    if "reason" in doctor:
        return title + paragraph(f"Not examined: {doctor['reason']}", "warning")
    fine = [row for row in doctor["rows"] if row["verdict"] == "ok"]
    rest = [row for row in doctor["rows"] if row["verdict"] != "ok"]
    summary = f"chopin doctor: warnings: {doctor['warnings']}, ok: {len(fine)}"
    lists = [element("ul", "".join(map(_doctors_row, rows))) for rows in (rest, fine)]
    return title + paragraph(summary) + lists[0] + folded("Ok", lists[1])


def _doctors_row(row: dict[str, Any]) -> str:
    text = escape(f"{row['name']}, {row['verdict']}: {row['found']}; wanted: {row['wanted']}")
    command = f"<br>{element('code', escape(row['command']))}" if row["command"] else ""
    return element("li", f"{text}{command}<br>{element('span', escape(row['why']), kind='faint')}")


def _skipped(title: str, skips: Sequence[Skipped]) -> str:
    items = "".join(element("li", escape(f"{skip.what}: {skip.reason}")) for skip in skips)
    return element("h3", title) + element("ul", items) if items else ""


def _plots(scenario: ScenarioResult, svg_of: SvgOf) -> str:
    drawn = [(figure.title, svg_of(figure.stem)) for figure in figures.figures_of(scenario)]
    items = [f'<figure role="img" aria-label="{escape(title)}">{svg}</figure>' for title, svg in drawn if svg]
    return heading(scenario.title, scenario.name) + _asked(scenario) + element("div", "".join(items), kind="figures")


def _asked(scenario: ScenarioResult) -> str:
    rounds = f"{scenario.rounds} round{'' if scenario.rounds == 1 else 's'}"
    text = escape(f"{scenario.question} {rounds}. ")
    return element("p", text + link("All figures", f"{scenario.name}-figures") + ".")


def _figures(scenario: ScenarioResult) -> str:
    parts = [
        heading(f"{scenario.title}: all figures", f"{scenario.name}-figures"),
        rows_table(scenario) if scenario.rows else "",
        memory_table(scenario.memory) if scenario.memory else "",
        _skipped("Skipped", scenario.skipped),
    ]
    return "\n".join(filter(None, parts))


def _instructions(counts: dict[str, Any] | None) -> str:
    """From a separate run of `instructions`; its build is therefore shown."""
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
    counts = (f"{row['costs'][cost]:,.3f}" if cost in row["costs"] else "-" for cost in costs)
    return [cell(f"{row['requests']:,}"), cell(limit), *map(cell, counts)]


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
    return folded(summary, element("pre", escape(row.answer_head.strip())))


def _difference(row: Row, ours: Row) -> str:
    heads = (Response(one.answer_head.encode("latin-1"), b"").without_date() for one in (row, ours))
    found = differences(*heads)
    return f"not as {CHOPIN}: {', '.join(found)}" if found else f"the same head as {CHOPIN}"
