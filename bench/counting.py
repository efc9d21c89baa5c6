"""What rows cost: under wrk for the figures to quote, and in lock step, where counts repeat."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import baseline
import lock_step
import servers
import tracers
import wrk
from progress import Progress
from rows import ROWS, Row
from tracers import CALLGRIND, INSTRUCTIONS, STRACE, Costs, Run, Tracer

CONNECTIONS = 16  # of wrk
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


@dataclass(frozen=True)
class WrkRuns:
    """How often and for how long wrk runs against each row."""

    repeats: int
    seconds: int

    def measure(self, names: Sequence[str], place: Place, tracer: Tracer) -> Figures:
        """One idle run is shared by all rows of a server."""
        server_count = len({ROWS[name].server for name in names})
        progress = Progress(len(names) * self.repeats + server_count, self.seconds)
        idle_runs: dict[object, Run] = {}
        figures = {}
        for name in names:
            row, program = ROWS[name], place.program(ROWS[name])
            if row.server not in idle_runs:
                progress.step(f"{name}, idle")
                idle_runs[row.server] = self._idle_run(program, tracer)
            runs = []
            for repeat in range(self.repeats):
                progress.step(f"{name}, run {repeat + 1}")
                runs.append(tracers.trace(program, tracer, partial(ask_with_wrk, row, self.seconds)))
            samples = tuple(tracers.costs(idle_runs[row.server], run) for run in runs)
            figures[name] = Figure(samples, sum(run.requests for run in runs))
        progress.finish()
        return figures

    def _idle_run(self, program: servers.Program, tracer: Tracer) -> Run:
        servers.check(program, servers.DEEPEST)
        return tracers.trace(program, tracer, lambda server: time.sleep(self.seconds))


def ask_with_wrk(row: Row, seconds: int, server: servers.Server) -> None:
    load = wrk.run(server.url, CONNECTIONS, seconds, row.depth, request=row.request)
    if load.errors:
        raise wrk.WrkError(f"{server.name}: {'; '.join(load.errors)}")


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
        return tracers.trace(
            program, tracer, lambda server: lock_step.drive(server, row.request, row.depth, turns)
        )

    turns = TURNS[tracer][row.depth]
    base, loaded = run(WARM_UP_TURNS), run(WARM_UP_TURNS + turns)
    served, sent = loaded.requests - base.requests, turns * row.depth
    if served != sent:
        raise servers.ServerError(f"{program.name} served {served} requests, but {sent} were sent")
    return tracers.costs(base, loaded), served
