"""Measures chopin beside other servers and writes a report: report.html, results.json and plots."""

import argparse
import datetime
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from measuring import cpus, servers
from measuring.command_line import Parser
from measuring.counting import memory
from measuring.load.chopin_load import CHOPIN_LOAD
from measuring.load.other_tools import GENERATORS
from measuring.progress import Progress, tell
from measuring.report import machine, page, results
from measuring.report.results import Results, Skipped
from measuring.scenarios import agenda, builds
from measuring.scenarios.agenda import Settings, Task
from measuring.scenarios.catalogue import BY_NAME, RATE, SCENARIOS
from measuring.scenarios.field import Field
from measuring.scenarios.measurement import Measurement, check
from measuring.scenarios.plan import Extent, Scenario
from measuring.servers import peers

SECONDS = {"full": 3, "quick": 1}  # of one run
SETTLE = {"full": 5, "quick": 1}
RESULTS = Path(__file__).resolve().parents[2] / "results"


def read_options() -> argparse.Namespace:
    parser = Parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="the main scenarios in less than 3 minutes")
    parser.names("--only", BY_NAME, "SCENARIO")
    told = "the only ones beside the floor (default: all available)"
    parser.add_argument("--peers", nargs="*", metavar="NAME", help=told)
    parser.number("--rounds", None, "turns of each (default 3 or 5, by scenario; quick: 1 or 2)")
    parser.number("--seconds", None, f"of one run (default {SECONDS['full']}; quick: {SECONDS['quick']})")
    told = f"requests/s of latency (default: shares of the lowest ceiling) and rate (default {RATE})"
    parser.number("--rate", None, told)
    parser.add_argument("--out", type=Path, metavar="DIR", help="default bench/results/ and the time")
    told = "also show what bench/run instructions --json has written"
    parser.add_argument("--instructions", type=Path, metavar="FILE", help=told)
    parser.add_argument("--list", action="store_true", help="only show what would be measured, and with what")
    told = "only build chopin in the ways that are compared (default: those that are missing), of"
    parser.names("--build-variants", builds.BY_FOLDER, "BUILD", told, "*")
    told = "only write the report again, from DIR/results.json"
    parser.add_argument("--render", type=Path, metavar="DIR", help=told)
    return parser.parse_args()


def settings_of(options: argparse.Namespace) -> Settings:
    extent = "quick" if options.quick else "full"
    return Settings(options.quick, options.rounds, options.seconds or SECONDS[extent], SETTLE[extent])


def chosen_scenarios(options: argparse.Namespace) -> list[Scenario]:
    if options.only:
        return [scenario for scenario in SCENARIOS if scenario.name in options.only]
    return [scenario for scenario in SCENARIOS if scenario.quick_rounds or not options.quick]


def open_descriptors() -> int | None:
    """As many as the hard limit allows, for the servers and load generators too, which inherit the limit."""
    limit = memory.descriptor_limit()
    if limit is not None:
        memory.allow_descriptors(limit)
    return limit


def list_all(tasks: Sequence[Task], settings: Settings, missing: Sequence[Skipped]) -> None:
    for task in tasks:
        minutes, rows = task.seconds(settings) / 60, len(task.plan.entries)
        print(f"{task.scenario.name:<16} {rows:>4} rows {minutes:>6.1f} min  {task.scenario.title}")
        for skip in task.plan.skips:
            print(f"{'':<16} skipped: {skip.what}: {skip.reason}")
    for one in missing:
        print(f"missing: {one.what}: {one.reason}")
    print(f"about {agenda.seconds_of(tasks, settings) / 60:.0f} min in all")


def measure_all(tasks: Sequence[Task], settings: Settings, outcome: Results) -> None:
    """What has been measured is there even if the rest is cut short."""
    contenders = [contender for task in tasks for contender in task.contenders]
    checks = Progress(len({contender.identity for contender in contenders}), agenda.CHECK_SECONDS)
    faults = check(contenders, checks.step)
    checks.finish()
    steps = sum(task.steps for task in tasks)
    progress = Progress(steps, sum(task.seconds(settings) for task in tasks) / max(1, steps))
    for task in tasks:
        outcome.scenarios.append(Measurement(task, settings, faults, progress).take())
    progress.finish()


def run(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    extent = Extent(options.quick, cpus.core_count(), open_descriptors(), options.rate)
    CHOPIN_LOAD.build_dir = options.build_dir
    others = peers.chosen(options.peers)

    def programs(workers: int) -> list[servers.Program]:
        names = {peer.name for peer in others}
        found = others if workers == 1 else peers.available(workers)
        return [peer.program for peer in found if peer.program is not None and peer.name in names]

    generators = [generator.availability() for generator in GENERATORS.values()]
    reasons = [*((one.name, one.reason) for one in generators), *((one.name, one.reason) for one in others)]
    missing = [Skipped(name, reason) for name, reason in reasons if reason is not None]
    field = Field(options.build_dir, options.port, programs)
    tasks = agenda.draw_up(chosen_scenarios(options), field, extent, settings, generators)
    if options.list:
        list_all(tasks, settings, missing)
        return 0
    counts = None if options.instructions is None else machine.instructions(options.instructions)
    folder: Path = options.out or RESULTS / datetime.datetime.now().strftime("%Y-%m-%d-%H%M%S")
    folder.mkdir(parents=True, exist_ok=True)
    facts = {
        **machine.facts(field.chopin().program),
        "instructions": counts,
        "settings": asdict(settings),
        "pins": cpus.choose_pins().description,
        "generators": {one.name: one.version or one.reason for one in generators},
        "peers": {peer.name: peer.version or peer.reason for peer in others},
    }
    outcome = Results(facts, skipped=missing)
    tell(f"about {agenda.seconds_of(tasks, settings) / 60:.0f} min; {facts['pins']}")
    try:
        measure_all(tasks, settings, outcome)
    finally:
        results.write(outcome, folder / results.FILE)
    tell(f"written: {page.write(outcome, folder)}")
    return 0 if outcome.all_valid else 1


def main() -> int:
    options = read_options()
    if options.build_variants is not None:
        failures = builds.build(options.build_variants, tell)
        for failure in failures:
            tell(f"not built: {failure}")
        return 1 if failures else 0
    if options.render is not None:
        tell(f"written: {page.write(results.read(options.render / results.FILE), options.render)}")
        return 0
    return run(options)
