"""Counts what one request costs: user instructions (callgrind) and system calls (strace).

Either under wrk, which gives the figures to quote, or with a client in lock step, whose counts repeat and are
compared with baseline.json."""

import argparse
import json
import platform
import subprocess
import sys
from pathlib import Path

from measuring import servers
from measuring.command_line import Parser
from measuring.counting import baseline, costs, rows, tables
from measuring.counting.baseline import Baseline
from measuring.counting.costs import Figures, Place
from measuring.counting.rows import ROWS
from measuring.counting.tracers import CALLGRIND, STRACE
from measuring.report import machine

FOR_WRK_ALONE = ("seconds", "repeats", "limit")


def build_facts(place: Place) -> dict[str, str]:
    """What counts depend on besides the source. Not the CPU: valgrind shows every program the same one."""
    said = machine.version(servers.chopin(place.build_dir, place.port))
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
    parser = Parser(__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--syscalls", action="store_true", help="system calls instead, under wrk")
    what.add_argument("--compare", action="store_true", help="in lock step, with the baseline")
    what.add_argument("--core", action="store_true", help=f"the same for {' '.join(rows.CORE)} alone")
    what.add_argument("--write-baseline", action="store_true", help="in lock step, all rows")
    parser.names("--only", ROWS)
    parser.add_argument("--baseline", type=Path, default=baseline.FILE, metavar="FILE", help="another file")
    parser.number("--seconds", 2, "of a wrk run")
    parser.number("--repeats", 3, "of each wrk run")
    told = f"allowed (default {limits})"
    parser.add_argument("--limit", type=limit, action="append", default=[], metavar="NAME=N", help=told)
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
    return bool(options.compare or options.core or options.write_baseline)


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
        name: {"costs": one.costs, "samples": one.samples, "requests": one.requests, "limit": ROWS[name].limit}
        for name, one in figures.items()
    }
    path.write_text(json.dumps({"driver": driver, "build": facts, "rows": content}, indent=2) + "\n")


def count_under_wrk(options: argparse.Namespace, place: Place) -> int:
    tracer = STRACE if options.syscalls else CALLGRIND
    figures = costs.measure_under_wrk(measurable(options), place, tracer, options.repeats, options.seconds)
    if options.json is not None:
        write_json(options.json, "wrk", figures, build_facts(place))
    if options.syscalls:
        tables.report_syscalls(figures)
        return 0
    return tables.report_instructions(figures, rows.LIMITS | dict(options.limit))


def count_in_lock_step(options: argparse.Namespace, place: Place) -> int:
    then = Baseline({}, {}) if options.write_baseline else baseline.read(options.baseline)
    facts = build_facts(place)
    figures = costs.measure_in_lock_step(measurable(options), place)
    now = Baseline(facts, {name: figure.costs for name, figure in figures.items()})
    if options.json is not None:
        write_json(options.json, "lock step", figures, facts)
    tables.report_beside(then, now)
    if options.write_baseline:
        now.write(options.baseline)
        print(f"written to {options.baseline}")
        return 0
    found = baseline.compare(then, now, chosen_rows(options))
    tables.report_comparison(found)
    return found.status


def main() -> int:
    options = read_options()
    place = Place(options.build_dir, options.port)
    if not in_lock_step(options):
        return count_under_wrk(options, place)
    try:
        return count_in_lock_step(options, place)
    except baseline.BaselineError as error:
        sys.exit(f"instructions: {error}")
