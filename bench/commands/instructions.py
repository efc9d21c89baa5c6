"""Counts what one request costs: user instructions (callgrind) and system calls (strace).

Either under wrk, which gives the figures to quote, or with a client in lock step, whose counts repeat and are
compared with baseline.json."""

import argparse
import json
import platform
import subprocess
import sys
from pathlib import Path

import baseline
import command_line
import count_reports
import counting
import rows
import servers
from baseline import Baseline
from command_line import positive
from counting import Figures, Place, WrkRuns
from rows import ROWS
from tracers import CALLGRIND, STRACE

FOR_WRK_ALONE = ("seconds", "repeats", "limit")


def build_facts(options: argparse.Namespace) -> dict[str, str]:
    """What counts depend on besides the source. Not the CPU: valgrind shows every program the same one."""
    program = servers.chopin(options.build_dir, options.port)
    said = dict(line.split(maxsplit=1) for line in servers.version_of(program))
    facts = {name: said[name] for name in ("build", "compiler", "flags", "boost", "allocator")}
    tools = {"libc": " ".join(platform.libc_ver()), "valgrind": valgrind_version()}
    return {**facts, **tools, "machine": platform.machine()}


def valgrind_version() -> str:
    try:
        done = subprocess.run(["valgrind", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise servers.ServerError(f"valgrind cannot be run: {error}") from error
    return done.stdout.strip()


def limit(text: str) -> tuple[str, int]:
    name, _, count = text.partition("=")
    if name not in ROWS:
        raise ValueError(text)
    return name, int(count)


def read_options() -> argparse.Namespace:
    limits = " ".join(f"{name}={count}" for name, count in rows.LIMITS.items())
    parser = command_line.parser(__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--syscalls", action="store_true", help="system calls instead, under wrk")
    what.add_argument("--compare", action="store_true", help="in lock step, with the baseline")
    what.add_argument("--core", action="store_true", help=f"the same for {' '.join(rows.CORE)} alone")
    what.add_argument("--write-baseline", action="store_true", help="in lock step, all rows")
    parser.add_argument("--only", nargs="+", choices=ROWS, metavar="NAME", help=f"of {' '.join(ROWS)}")
    parser.add_argument("--baseline", type=Path, default=baseline.FILE, metavar="FILE", help="another file")
    parser.add_argument("--seconds", type=positive, default=2, metavar="N", help="of a wrk run (default 2)")
    parser.add_argument("--repeats", type=positive, default=3, metavar="N", help="of each wrk run (default 3)")
    parser.add_argument(
        "--limit",
        type=limit,
        action="append",
        default=[],
        metavar="NAME=N",
        help=f"allowed (default {limits})",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    options = parser.parse_args()
    if options.only and (options.core or options.write_baseline):
        parser.error("--only: --core and --write-baseline choose the rows themselves")
    if in_lock_step(options):
        for name in FOR_WRK_ALONE:
            if getattr(options, name) != parser.get_default(name):
                parser.error(f"--{name}: only for wrk runs")
    elif options.baseline != baseline.FILE:
        parser.error("--baseline: wrk runs are not compared")
    if options.json is not None and not options.json.parent.is_dir():
        parser.error(f"--json: no folder {options.json.parent}")
    return options


def in_lock_step(options: argparse.Namespace) -> bool:
    return options.compare or options.core or options.write_baseline


def chosen_rows(options: argparse.Namespace) -> list[str] | None:
    """None: all."""
    return rows.CORE if options.core else options.only


def measurable(options: argparse.Namespace) -> list[str]:
    """The chosen rows, without those that this server does not support. Prints these, and fails if they were named."""
    names = chosen_rows(options) or list(ROWS)
    refused = rows.refused(names, options.build_dir)
    for name, error in refused.items():
        print(f"{name} cannot be measured: {error}")
    if refused and options.only:
        raise servers.ServerError("not every requested row can be measured")
    return [name for name in names if name not in refused]


def write_json(path: Path, driver: str, figures: Figures, facts: dict[str, str]) -> None:
    content = {
        name: {
            "costs": figure.costs,
            "samples": figure.samples,
            "requests": figure.requests,
            "limit": ROWS[name].limit,
        }
        for name, figure in figures.items()
    }
    path.write_text(json.dumps({"driver": driver, "build": facts, "rows": content}, indent=2) + "\n")


def count_under_wrk(options: argparse.Namespace) -> int:
    runs = WrkRuns(options.repeats, options.seconds)
    tracer = STRACE if options.syscalls else CALLGRIND
    figures = runs.measure(measurable(options), Place(options.build_dir, options.port), tracer)
    if options.json is not None:
        write_json(options.json, "wrk", figures, build_facts(options))
    if options.syscalls:
        count_reports.report_syscalls(figures)
        return 0
    return count_reports.report_instructions(figures, rows.LIMITS | dict(options.limit))


def count_in_lock_step(options: argparse.Namespace) -> int:
    then = Baseline({}, {}) if options.write_baseline else baseline.read(options.baseline)
    facts = build_facts(options)
    figures = counting.measure_in_lock_step(measurable(options), Place(options.build_dir, options.port))
    now = Baseline(facts, {name: figure.costs for name, figure in figures.items()})
    if options.json is not None:
        write_json(options.json, "lock step", figures, facts)
    count_reports.report_beside(then, now)
    if options.write_baseline:
        now.write(options.baseline)
        print(f"written to {options.baseline}")
        return 0
    found = baseline.compare(then, now, chosen_rows(options))
    count_reports.report_comparison(found)
    return found.status


def main() -> int:
    options = read_options()
    if not in_lock_step(options):
        return count_under_wrk(options)
    try:
        return count_in_lock_step(options)
    except baseline.BaselineError as error:
        sys.exit(f"instructions: {error}")
