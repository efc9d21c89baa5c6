"""What the comparisons of servers have in common: turns under wrk, medians, ratios round by round."""

import argparse
import dataclasses
import json
import platform
import statistics
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import command_line
import servers
import wrk
from command_line import positive
from cpus import Pins, busy_seconds, choose_pins, process_seconds
from load import Load
from progress import Progress

DEPTHS = {"unpipelined": 1, "16 deep": 16}
DEEPEST = max(DEPTHS.values())
SATURATED = 0.95  # of the wall time; the rest is what starting and ending wrk takes


@dataclasses.dataclass(frozen=True)
class Sample:
    """One run of a load generator against one server."""

    program: str
    load: Load
    user_seconds: float
    system_seconds: float
    others_share: float  # of the CPUs in use: what neither server nor load generator took
    server_cpus: int = 1
    client_cpus: int = 1

    @property
    def requests_per_second(self) -> float:
        return self.load.requests / self.load.seconds

    @property
    def user_microseconds(self) -> float:
        return self.user_seconds * 1e6 / max(1, self.load.requests)

    @property
    def system_microseconds(self) -> float:
        return self.system_seconds * 1e6 / max(1, self.load.requests)

    @property
    def cpu_microseconds(self) -> float:
        return self.user_microseconds + self.system_microseconds

    @property
    def server_share(self) -> float:
        return (self.user_seconds + self.system_seconds) / (self.load.wall_seconds * self.server_cpus)

    @property
    def client_share(self) -> float:
        return self.load.cpu_seconds / (self.load.wall_seconds * self.client_cpus)


Samples = dict[str, list[Sample]]  # by the name of the depth, in the order they were taken
Pair = tuple[str, str]  # names of programs, of which the first is set against the second
Figure = Callable[[Sample], float]


@dataclasses.dataclass(frozen=True)
class Column:
    title: str
    width: int
    form: str
    figure: Figure


COLUMNS = (
    Column("requests/s", 12, ",.0f", lambda sample: sample.requests_per_second),
    Column("CPU us/request", 16, ".3f", lambda sample: sample.cpu_microseconds),
    Column("user", 8, ".3f", lambda sample: sample.user_microseconds),
    Column("system", 8, ".3f", lambda sample: sample.system_microseconds),
    Column("server CPU", 12, ".0%", lambda sample: sample.server_share),
    Column("wrk CPU", 9, ".0%", lambda sample: sample.client_share),
    Column("others", 8, ".0%", lambda sample: sample.others_share),
)


def measure(program: servers.Program, pins: Pins, drive: Callable[[servers.Server], Load]) -> Sample:
    """A server of its own for each run, so that no run inherits the memory layout of another."""
    with servers.running(program, pins.server) as server:
        before = process_seconds(server.pid)
        busy_before = busy_seconds(pins.cpus)
        load = drive(server)
        others = busy_seconds(pins.cpus) - busy_before - load.cpu_seconds
        user, system = (now - then for now, then in zip(process_seconds(server.pid), before))
        server.stop()
    others_share = max(0.0, others - user - system) / (load.wall_seconds * len(pins.cpus))
    return Sample(program.name, load, user, system, others_share, pins.server_count, pins.client_count)


def measure_all(programs: Sequence[servers.Program], options: argparse.Namespace, pins: Pins) -> Samples:
    def drive(depth: int) -> Callable[[servers.Server], Load]:
        return lambda server: wrk.run(server.url, options.connections, options.seconds, depth, pins.client)

    progress = Progress(len(DEPTHS) * options.rounds * len(programs), options.seconds)
    samples: Samples = {name: [] for name in DEPTHS}
    for name, depth in DEPTHS.items():
        for turn in range(options.rounds):
            for program in programs:
                progress.step(f"{name}, round {turn + 1}, {program.name}")
                samples[name].append(measure(program, pins, drive(depth)))
    progress.finish()
    return samples


def of(samples: Sequence[Sample], program: str) -> list[Sample]:
    return [sample for sample in samples if sample.program == program]


def median(samples: Sequence[Sample], figure: Figure) -> float:
    return statistics.median(figure(sample) for sample in samples)


def saturated(samples: Sequence[Sample], client: str = "wrk") -> str:
    shares = {
        "server": median(samples, lambda sample: sample.server_share),
        client: median(samples, lambda sample: sample.client_share),
    }
    return " and ".join(name for name, share in shares.items() if share >= SATURATED) or "neither"


def errors_of(samples: Sequence[Sample]) -> list[str]:
    return sorted({error for sample in samples for error in sample.load.errors})


def all_valid(samples: Samples) -> bool:
    return not any(errors_of(rows) for rows in samples.values())


def row(label: str, samples: Sequence[Sample]) -> str:
    figures = [f"{median(samples, column.figure):>{column.width}{column.form}}" for column in COLUMNS]
    text = f"{label}{''.join(figures)}   {saturated(samples)}"
    errors = errors_of(samples)
    return f"{text}   INVALID: {'; '.join(errors)}" if errors else text


def ratios(samples: Sequence[Sample], pair: Pair, figure: Figure) -> list[float]:
    return ratios_of(of(samples, pair[0]), of(samples, pair[1]), figure)


def ratios_of(first: Sequence[Sample], second: Sequence[Sample], figure: Figure) -> list[float]:
    """Round by round: what slows the machine for a while slows both sides of a round."""
    return [figure(one) / figure(other) for one, other in zip(first, second) if figure(other) > 0]


def spread(figures: Sequence[float]) -> str:
    if not figures:
        return "-"
    return f"{statistics.median(figures):.3f} ({min(figures):.3f}..{max(figures):.3f})"


def requests_per_second(sample: Sample) -> float:
    return sample.requests_per_second


def cpu_microseconds(sample: Sample) -> float:
    return sample.cpu_microseconds


def print_table(all_samples: Samples, programs: Sequence[str], pairs: Sequence[Pair]) -> None:
    width = 1 + max(map(len, programs))
    titles = "".join(f"{column.title:>{column.width}}" for column in COLUMNS)
    print(f"{'':<12} {'':<{width}}{titles}   saturated")
    for name, samples in all_samples.items():
        for program in programs:
            print(row(f"{name:<12} {program:<{width}}", of(samples, program)))
        for pair in pairs:
            cpu = spread(ratios(samples, pair, cpu_microseconds))
            throughput = spread(ratios(samples, pair, requests_per_second))
            print(f"{name:<12} {'/'.join(pair)}: CPU per request {cpu}, requests/s {throughput}")


def version_of(program: servers.Program) -> list[str]:
    command = [program.command[0], "--version"]
    done = subprocess.run(command, env=program.environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def write_json(path: Path, samples: Samples, options: argparse.Namespace, facts: dict[str, object]) -> None:
    settings = {"rounds": options.rounds, "seconds": options.seconds, "connections": options.connections}
    raw = {name: [dataclasses.asdict(sample) for sample in rows] for name, rows in samples.items()}
    path.write_text(json.dumps({**facts, "settings": settings, "samples": raw}, indent=2) + "\n")


def read_options(description: str | None) -> argparse.Namespace:
    parser = command_line.parser(description)
    parser.add_argument("--rounds", type=positive, default=5, metavar="N", help="turns of each (default 5)")
    parser.add_argument("--seconds", type=positive, default=3, metavar="N", help="of one run (default 3)")
    parser.add_argument("--connections", type=positive, default=64, metavar="N", help="of wrk (default 64)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the raw figures there")
    return parser.parse_args()


def compare(
    programs: Sequence[servers.Program],
    pairs: Sequence[Pair],
    options: argparse.Namespace,
    facts: dict[str, object],
) -> Samples:
    """Measures, prints and, where it is wanted, writes the raw figures with `facts` about the programs."""
    pins = choose_pins()
    samples = measure_all(programs, options, pins)
    runs = f"{options.rounds} rounds of {options.seconds} s with {options.connections} connections, medians"
    print(f"{pins.description}; {runs}")
    print_table(samples, [program.name for program in programs], pairs)
    if options.json is not None:
        facts = {**facts, "kernel": platform.release(), "pins": pins.description}
        write_json(options.json, samples, options, facts)
    return samples
