"""Measures chopin beside other servers and writes a report: report.html, results.json and plots."""

import argparse
import datetime
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import command_line
import cpus
import memory
import peers
from command_line import positive
from progress import Progress
from suite import agenda, generators, machine, report, results, scenarios, variants
from suite.agenda import Settings, Task
from suite.contenders import Field
from suite.measure import Measurement, check
from suite.roster import Roster
from suite.scenarios import BY_NAME, SCENARIOS, Extent

FULL_SECONDS = 3
QUICK_SECONDS = 1
FULL_SETTLE = 5
QUICK_SETTLE = 1
PEER_BUILD_SECONDS = 60
RESULTS = Path(__file__).resolve().parents[1] / "results"


def read_options() -> argparse.Namespace:
    parser = command_line.parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="the main scenarios in less than 3 minutes")
    names = " ".join(BY_NAME)
    parser.add_argument("--only", nargs="+", choices=BY_NAME, metavar="SCENARIO", help=f"of {names}")
    parser.add_argument(
        "--peers",
        nargs="*",
        metavar="NAME",
        help="the only ones beside the floor (default: all available)",
    )
    parser.add_argument(
        "--rounds",
        type=positive,
        metavar="N",
        help="turns of each (default 3 or 5, by scenario; quick: 1 or 2)",
    )
    parser.add_argument(
        "--seconds",
        type=positive,
        metavar="N",
        help=f"of one run (default {FULL_SECONDS}; quick: {QUICK_SECONDS})",
    )
    parser.add_argument(
        "--rate",
        type=positive,
        metavar="N",
        help=f"requests/s of latency (default: shares of the lowest ceiling) and rate (default {scenarios.RATE})",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="default bench/results/ and the time")
    parser.add_argument(
        "--instructions",
        type=Path,
        metavar="FILE",
        help="also show what bench/run instructions --json has written",
    )
    parser.add_argument(
        "--list", action="store_true", help="only show what would be measured, and with what"
    )
    builds = " ".join(variants.BY_FOLDER)
    parser.add_argument("--build-peers", action="store_true", help="only build the other servers")
    parser.add_argument(
        "--build-variants",
        nargs="*",
        choices=variants.BY_FOLDER,
        metavar="BUILD",
        help=f"only build chopin in the ways that are compared, of {builds} (default: those that are missing)",
    )
    parser.add_argument(
        "--render", type=Path, metavar="DIR", help="only write the report again, from DIR/results.json"
    )
    return parser.parse_args()


def settings_of(options: argparse.Namespace) -> Settings:
    return Settings(
        quick=options.quick,
        rounds=options.rounds,
        seconds=options.seconds or (QUICK_SECONDS if options.quick else FULL_SECONDS),
        settle=QUICK_SETTLE if options.quick else FULL_SETTLE,
    )


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def chosen_scenarios(options: argparse.Namespace) -> list[scenarios.Scenario]:
    if options.only:
        return [scenario for scenario in SCENARIOS if scenario.name in options.only]
    return [scenario for scenario in SCENARIOS if scenario.quick_rounds or not options.quick]


def open_descriptors() -> int | None:
    """As many as the hard limit allows, for the servers and load generators too, which inherit the limit."""
    limit = memory.descriptor_limit()
    if limit is not None:
        memory.allow_descriptors(limit)
    return limit


def list_all(tasks: Sequence[Task], settings: Settings, missing: Sequence[results.Skipped]) -> None:
    for task in tasks:
        minutes = task.seconds(settings) / 60
        rows = len(task.plan.entries)
        print(f"{task.scenario.name:<16} {rows:>4} rows {minutes:>6.1f} min  {task.scenario.title}")
        for skip in task.plan.skips:
            print(f"{'':<16} skipped: {skip.what}: {skip.reason}")
    for skip in missing:
        print(f"missing: {skip.what}: {skip.reason}")
    print(f"about {agenda.seconds_of(tasks, settings) / 60:.0f} min in all")


def missing_ones(found: Sequence[generators.Availability], others: Roster) -> list[results.Skipped]:
    absent = [*found, *others.peers]
    return [results.Skipped(one.name, one.reason) for one in absent if one.reason is not None]


def measure_all(tasks: Sequence[Task], settings: Settings, outcome: results.Results) -> None:
    """What has been measured is there even if the rest is cut short."""
    contenders = [contender for task in tasks for contender in task.contenders]
    checks = Progress(len({contender.identity for contender in contenders}), agenda.CHECK_SECONDS)
    faults = check(contenders, checks.step)
    checks.finish()
    steps = sum(task.steps for task in tasks)
    each = sum(task.seconds(settings) for task in tasks) / max(1, steps)
    progress = Progress(steps, each)
    for task in tasks:
        outcome.scenarios.append(Measurement(task, settings, faults, progress).take())
    progress.finish()


def new_folder(options: argparse.Namespace) -> Path:
    folder: Path = options.out or RESULTS / datetime.datetime.now().strftime("%Y-%m-%d-%H%M%S")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def run(options: argparse.Namespace) -> int:
    settings = settings_of(options)
    extent = Extent(options.quick, cpus.core_count(), open_descriptors(), options.rate)
    generators.OWN_CLIENT.build_dir = options.build_dir
    others = Roster(options.peers)
    found = [generators.availability(generator) for generator in generators.GENERATORS.values()]
    missing = missing_ones(found, others)
    field = Field(options.build_dir, options.port, others.programs)
    tasks = agenda.draw_up(chosen_scenarios(options), field, extent, settings, found)
    if options.list:
        list_all(tasks, settings, missing)
        return 0
    counts = None if options.instructions is None else machine.instructions(options.instructions)
    folder = new_folder(options)
    facts = machine.facts(field.chopin().program)
    facts["instructions"] = counts
    facts["settings"] = asdict(settings)
    facts["pins"] = cpus.choose_pins().description
    facts["generators"] = {one.name: one.version or one.reason for one in found}
    facts["peers"] = {peer.name: peer.version or peer.reason for peer in others.peers}
    outcome = results.Results(facts, skipped=missing)
    tell(f"about {agenda.seconds_of(tasks, settings) / 60:.0f} min; {facts['pins']}")
    try:
        measure_all(tasks, settings, outcome)
    finally:
        results.write(outcome, folder / results.FILE)
    tell(f"written: {report.write(outcome, folder)}")
    return 0 if outcome.all_valid else 1


def build(options: argparse.Namespace) -> int:
    failures = build_peers() if options.build_peers else []
    if options.build_variants is not None:
        failures += variants.build(options.build_variants, tell)
    for failure in failures:
        tell(f"not built: {failure}")
    return 1 if failures else 0


def build_peers() -> list[str]:
    progress = Progress(len(peers.BUILDABLE), PEER_BUILD_SECONDS)
    built = peers.build(progress)
    progress.finish()
    return [f"{peer.name}: {peer.reason}" for peer in built if peer.reason is not None]


def main() -> int:
    options = read_options()
    if options.build_peers or options.build_variants is not None:
        return build(options)
    if options.render is not None:
        tell(f"written: {report.write(results.read(options.render / results.FILE), options.render)}")
        return 0
    return run(options)
