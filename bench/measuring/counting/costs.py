"""What rows cost: under wrk for the figures to quote, and in lock step, where counts repeat."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from measuring import servers
from measuring.counting import baseline, tracers
from measuring.counting.rows import ROWS, Row
from measuring.counting.tracers import CALLGRIND, INSTRUCTIONS, STRACE, Costs, Run, Tracer
from measuring.load import lock_step
from measuring.load.wrk import WRK
from measuring.progress import Progress

WARM_UP_TURNS = 2
# Starts differ by up to 50,000 instructions, in mimalloc: enough turns make that negligible.
TURNS = {CALLGRIND: {1: 12000, servers.DEEPEST: 4000}, STRACE: {1: 1000, servers.DEEPEST: 500}}
ROW_SECONDS = 8  # roughly, per row in lock step: the first estimate of the progress


@dataclass(frozen=True)
class Place:
    """Where the servers come from and listen."""

    build_dir: Path
    port: int

    def program(self, row: Row) -> servers.Program:
        return row.program(self.build_dir, self.port)


@dataclass(frozen=True)
class Figure:
    """What a row cost in each run."""

    samples: tuple[Costs, ...]
    requests: int  # in all

    @property
    def costs(self) -> Costs:
        names = dict.fromkeys(name for sample in self.samples for name in sample)
        return {name: statistics.median(sample.get(name, 0) for sample in self.samples) for name in names}

    @property
    def instructions(self) -> float:
        return self.costs[INSTRUCTIONS]

    @property
    def spread(self) -> str:
        counts = [sample[INSTRUCTIONS] for sample in self.samples]
        return f"{min(counts):,.1f}..{max(counts):,.1f}"


Figures = dict[str, Figure]


def measure_under_wrk(names: Sequence[str], place: Place, tracer: Tracer, repeats: int, seconds: int) -> Figures:
    """One idle run is shared by all rows of a server."""
    progress = Progress(len(names) * repeats + len({ROWS[name].server for name in names}), seconds)
    idle_runs: dict[object, Run] = {}
    figures = {}
    for name in names:
        row, program = ROWS[name], place.program(ROWS[name])
        if row.server not in idle_runs:
            progress.step(f"{name}, idle")
            servers.check(program, servers.DEEPEST)
            idle_runs[row.server] = tracers.trace(program, tracer, lambda server: time.sleep(seconds))
        runs = []
        for repeat in range(repeats):
            progress.step(f"{name}, run {repeat + 1}")
            runs.append(tracers.trace(program, tracer, under_wrk(row, seconds)))
        samples = tuple(tracers.costs(idle_runs[row.server], run) for run in runs)
        figures[name] = Figure(samples, sum(run.requests for run in runs))
    progress.finish()
    return figures


def under_wrk(row: Row, seconds: int) -> Callable[[servers.Server], object]:
    return lambda server: WRK.run(server.url, row.work, seconds).without_errors(server.name)


def measure_in_lock_step(names: Sequence[str], place: Place) -> Figures:
    progress = Progress(len(names), ROW_SECONDS)
    figures = {}
    for name in names:
        progress.step(name)
        instructions, requests = _trace_in_lock_step(ROWS[name], place, CALLGRIND)
        calls, _ = _trace_in_lock_step(ROWS[name], place, STRACE)
        figures[name] = Figure((baseline.rounded(instructions | calls),), requests)
    progress.finish()
    return figures


def _trace_in_lock_step(row: Row, place: Place, tracer: Tracer) -> tuple[Costs, int]:
    """What a request costs on average, and the number of requests."""
    program = place.program(row)

    def run(turns: int) -> Run:
        return tracers.trace(program, tracer, lambda server: lock_step.drive(server, row.request, row.depth, turns))

    turns = TURNS[tracer][row.depth]
    base, loaded = run(WARM_UP_TURNS), run(WARM_UP_TURNS + turns)
    served, sent = loaded.requests - base.requests, turns * row.depth
    if served != sent:
        raise servers.ServerError(f"{program.name} served {served} requests, but {sent} were sent")
    return tracers.costs(base, loaded), served
