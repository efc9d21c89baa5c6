"""Routes that use PostgreSQL: chopin beside pgbench with the statement of /db, and beside axum with
tokio-postgres and fasthttp with pgx; and what /plaintext feels of them. Needs PostgreSQL's server, wrk, and for the
counts strace."""

import argparse
import dataclasses
import json
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

import command_line
import peers
import postgres
from command_line import positive
from data import contenders, neighbours, place, samples
from data.contenders import CHOPIN, PGBENCH, ROUTES, Contender
from data.place import Pins, Place
from data.samples import Sample
from progress import Progress
from suite import generators

Table = dict[str, list[Sample]]


def read_options() -> argparse.Namespace:
    parser = command_line.parser(__doc__)
    choices = [*ROUTES, *neighbours.SCENARIOS]
    parser.add_argument("--only", nargs="+", choices=choices, metavar="NAME", help=f"of {' '.join(choices)}")
    parser.add_argument("--clients", type=positive, default=64, metavar="N", help="of wrk and pgbench (default 64)")
    parser.add_argument("--pool", type=positive, default=16, metavar="N", help="connections of a peer (default 16)")
    parser.add_argument("--rounds", type=positive, default=7, metavar="N", help="default 7")
    parser.add_argument("--seconds", type=positive, default=3, metavar="N", help="of one run (default 3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every sample")
    return parser.parse_args()


def measure(
    options: argparse.Namespace, name: str, where: Place, pins: Pins, progress: Progress
) -> tuple[Table, dict[str, float]]:
    """Every other round backwards; then the counts, which no round is near."""
    route = ROUTES[name]
    rivals = contenders.of_route(name, options.build_dir, options.port, where.url, options.pool)

    def of(rival: Contender) -> Callable[[], Sample]:
        return lambda: samples.of_server(rival, route, where, pins, options.clients, options.seconds)

    runs = {rival.name: of(rival) for rival in rivals}
    if name == "db":
        runs[PGBENCH] = lambda: samples.of_pgbench(where, pins, options.clients, options.seconds)
        json_only = contenders.composed_json(options.build_dir, options.port)
        plain = dataclasses.replace(route, body=rb'\{"message":"Hello, World!"\}')
        runs[json_only.name] = lambda: samples.of_server(
            json_only, plain, where, pins, options.clients, options.seconds
        )
    table: Table = {one: [] for one in runs}
    for turn in range(options.rounds):
        for one in list(runs) if turn % 2 == 0 else list(runs)[::-1]:
            progress.step(f"{name}, {one}")
            table[one].append(runs[one]())
    sends = {}
    for rival in rivals:
        progress.step(f"{name}, {rival.name}: counts")
        sends[rival.name] = samples.sends_to_postgres(rival, pins, options.clients, options.seconds)
    return table, sends


def steps_of(name: str, rounds: int, others: int) -> int:
    rivals = 1 + others + (2 if name == "queries" else 0)
    return rivals * (rounds + 1) + (2 * rounds if name == "db" else 0)


def median(table: Table, one: str, figure: Callable[[Sample], float]) -> float:
    return statistics.median(map(figure, table[one]))


def ratio(table: Table, one: str) -> str:
    """Of the servers' CPU, round by round."""
    ratios = [
        own.server_cpu / base.server_cpu for own, base in zip(table[one], table[CHOPIN], strict=True)
    ]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})"


def report(name: str, table: Table, sends: dict[str, float]) -> None:
    heads = ("requests/s", "server us", "PostgreSQL us", "sends", "Syncs", "lost", "server's CPU to chopin's")
    print(f"\n{ROUTES[name].path}")
    print(f"{'':<31}{heads[0]:>11}{heads[1]:>11}{heads[2]:>15}{heads[3]:>8}{heads[4]:>8}{heads[5]:>7}  {heads[6]}")
    for one in table:
        rate, own, database, syncs = (
            median(table, one, figure)
            for figure in (
                lambda sample: sample.rate,
                lambda sample: sample.server_cpu,
                lambda sample: sample.postgres_cpu,
                lambda sample: sample.syncs,
            )
        )
        sent = f"{sends[one]:.2f}" if one in sends else "-"
        lost = sum(sample.lost for sample in table[one])
        print(
            f"{one:<31}{rate:>11,.0f}{own:>11.1f}{database:>15.1f}{sent:>8}{syncs:>8.2f}{lost:>7}  {ratio(table, one)}"
        )


def write(path: Path, tables: dict[str, Table], sends: dict[str, dict[str, float]]) -> None:
    rows = {
        name: {one: [dataclasses.asdict(sample) for sample in taken] for one, taken in table.items()}
        for name, table in tables.items()
    }
    path.write_text(json.dumps({"samples": rows, "sends": sends}, indent=1))


def measure_all(options: argparse.Namespace) -> int:
    generators.OWN_CLIENT.build_dir = neighbours.PROBE.build_dir = options.build_dir
    pins = place.choose_pins()
    chosen = options.only or [*ROUTES, *neighbours.SCENARIOS]
    names = [name for name in chosen if name in ROUTES]
    scenarios = [name for name in chosen if name in neighbours.SCENARIOS]
    rivals = peers.with_database()
    for rival in rivals:
        if rival.reason is not None:
            print(f"missing: {rival.name}: {rival.reason}", file=sys.stderr)
    known = [f"{rival.name} {rival.version}" for rival in rivals if rival.program is not None]
    each = options.seconds + samples.WARM_UP_SECONDS + 1
    steps = sum(steps_of(name, options.rounds, len(known)) for name in names)
    steps += sum(neighbours.steps_of(name, options.rounds) for name in scenarios)
    progress = Progress(steps, each)
    tables: dict[str, Table] = {}
    sends: dict[str, dict[str, float]] = {}
    with place.running(pins, options.build_dir / "chopin") as where:
        for name in names:
            tables[name], sends[name] = measure(options, name, where, pins, progress)
        felt = {name: neighbours.SCENARIOS[name](where, pins, options, progress) for name in scenarios}
        version = where.version
    progress.finish()
    print(f"{pins.description}; PostgreSQL {version}; {', '.join(known)}")
    print(f"{options.clients} clients, {options.rounds} rounds of {options.seconds} s, {options.pool} connections a peer")
    for name in names:
        report(name, tables[name], sends[name])
    for name in scenarios:
        neighbours.report(name, felt[name])
    if options.json:
        write(options.json, tables, sends)
    lost = sum(sample.lost for table in tables.values() for taken in table.values() for sample in taken)
    return 0 if lost == 0 else 1


def main() -> int:
    options = read_options()
    try:
        return measure_all(options)
    except postgres.PostgresError as error:
        print(f"run data: {error}", file=sys.stderr)
        return 1
