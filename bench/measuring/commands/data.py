"""Routes that use PostgreSQL: chopin beside pgbench with the statement of /db, and beside axum with
tokio-postgres and fasthttp with pgx; and what /plaintext feels of them. Needs PostgreSQL's server, wrk, and for the
counts strace."""

import argparse
import dataclasses
import json
import statistics
from collections.abc import Callable
from functools import partial
from pathlib import Path

from measuring.command_line import Parser
from measuring.data import database, neighbours, routes
from measuring.data.neighbours import Neighbours
from measuring.data.routes import ROUTES, Route
from measuring.data.samples import WARM_UP_SECONDS, Runs, Sample
from measuring.load.chopin_load import CHOPIN_LOAD
from measuring.load.sample import in_turns, ratios, spread
from measuring.progress import Progress, tell
from measuring.servers import CHOPIN, JSON, JSON_PATH, peers

PGBENCH = "pgbench"

Table = dict[str, list[Sample]]


def measure(options: argparse.Namespace, name: str, runs: Runs, progress: Progress) -> tuple[Table, dict[str, float]]:
    """Every other round backwards; then the counts, which no round is near."""
    place = (options.build_dir, options.port)
    programs = routes.programs_of(name, *place, runs.database.url, options.pool)
    measured: dict[str, Callable[[], Sample]] = {
        one: partial(runs.of_server, program, ROUTES[name]) for one, program in programs.items()
    }
    if name == "db":
        measured[PGBENCH] = runs.of_pgbench
        plain = Route(JSON_PATH, JSON.replace(b"{", rb"\{").replace(b"}", rb"\}"))
        measured["chopin, composed /json"] = partial(runs.of_server, routes.composed_json(*place), plain)
    table: Table = {one: [] for one in measured}
    for _, one in in_turns(list(measured), options.rounds):
        progress.step(f"{name}, {one}")
        table[one].append(measured[one]())
    sends = {}
    for one, program in programs.items():
        progress.step(f"{name}, {one}: counts")
        sends[one] = runs.sends_to_postgres(program)
    return table, sends


def steps_of(name: str, rounds: int, others: int) -> int:
    rivals = 1 + others + (2 if name == "queries" else 0)
    return rivals * (rounds + 1) + (2 * rounds if name == "db" else 0)


def report(name: str, table: Table, sends: dict[str, float]) -> None:
    heads = ("requests/s", "server us", "PostgreSQL us", "sends", "Syncs", "lost", "server's CPU to chopin's")
    print(f"\n{ROUTES[name].path}")
    print(f"{'':<31}{heads[0]:>11}{heads[1]:>11}{heads[2]:>15}{heads[3]:>8}{heads[4]:>8}{heads[5]:>7}  {heads[6]}")
    costs = {one: [sample.server_cpu for sample in taken] for one, taken in table.items()}
    for one, taken in table.items():
        rate, own, of_postgres, syncs = (
            statistics.median(getattr(sample, figure) for sample in taken)
            for figure in ("rate", "server_cpu", "postgres_cpu", "syncs")
        )
        sent = f"{sends[one]:.2f}" if one in sends else "-"
        lost = sum(sample.lost for sample in taken)
        figures = f"{rate:>11,.0f}{own:>11.1f}{of_postgres:>15.1f}{sent:>8}{syncs:>8.2f}{lost:>7}"
        print(f"{one:<31}{figures}  {spread(ratios(costs[one], costs[CHOPIN]), 2)}")


def write(path: Path, tables: dict[str, Table], sends: dict[str, dict[str, float]]) -> None:
    rows = {
        name: {one: [dataclasses.asdict(sample) for sample in taken] for one, taken in table.items()}
        for name, table in tables.items()
    }
    path.write_text(json.dumps({"samples": rows, "sends": sends}, indent=1))


def known_peers() -> list[str]:
    """With their versions. Says which are missing."""
    rivals = peers.with_database()
    for rival in rivals:
        if rival.reason is not None:
            tell(f"missing: {rival.name}: {rival.reason}")
    return [f"{rival.name} {rival.version}" for rival in rivals if rival.program is not None]


def read_options() -> argparse.Namespace:
    parser = Parser(__doc__)
    parser.names("--only", [*ROUTES, *neighbours.SCENARIOS])
    parser.number("--clients", 64, "of wrk and pgbench")
    parser.number("--pool", 16, "connections of a peer")
    parser.number("--rounds", 7, "")
    parser.number("--seconds", 3, "of one run")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every sample")
    return parser.parse_args()


def main() -> int:
    options = read_options()
    CHOPIN_LOAD.build_dir = options.build_dir
    pins, known = database.choose_pins(), known_peers()
    chosen = options.only or [*ROUTES, *neighbours.SCENARIOS]
    names = [name for name in chosen if name in ROUTES]
    scenarios = [name for name in chosen if name in neighbours.SCENARIOS]
    steps = sum(steps_of(name, options.rounds, len(known)) for name in names)
    steps += sum(neighbours.steps_of(name, options.rounds) for name in scenarios)
    progress = Progress(steps, options.seconds + WARM_UP_SECONDS + 1)
    with database.running(pins, options.build_dir / "chopin") as where:
        runs = Runs(where, pins, options.clients, options.seconds)
        taken = {name: measure(options, name, runs, progress) for name in names}
        often = (options.clients, options.rounds, options.seconds)
        beside = Neighbours(where, pins, options.build_dir, options.port, *often, progress)
        felt = {name: neighbours.SCENARIOS[name](beside) for name in scenarios}
    progress.finish()
    print(f"{pins.description}; PostgreSQL {where.version}; {', '.join(known)}")
    print(
        f"{options.clients} clients, {options.rounds} rounds of {options.seconds} s, {options.pool} connections a peer"
    )
    for name, (table, sends) in taken.items():
        report(name, table, sends)
    for name in scenarios:
        neighbours.report(name, felt[name])
    tables = {name: table for name, (table, _) in taken.items()}
    if options.json:
        write(options.json, tables, {name: sends for name, (_, sends) in taken.items()})
    lost = sum(sample.lost for table in tables.values() for samples in table.values() for sample in samples)
    return 0 if lost == 0 else 1
