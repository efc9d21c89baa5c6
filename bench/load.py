"""One bounded run of a load generator, and what it measured."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

GRACE_SECONDS = 30


class LoadError(Exception):
    """A load generator could not be run, or its output was not understood."""


@dataclass(frozen=True)
class Finished:
    """The output of a generator, and the time it took."""

    text: str
    wall_seconds: float
    cpu_seconds: float


@dataclass(frozen=True)
class Load:
    requests: int
    seconds: float  # by the generator's clock
    wall_seconds: float
    cpu_seconds: float  # of the generator
    errors: tuple[str, ...]  # empty for a run that counts
    latencies: dict[str, float] = field(default_factory=dict)  # seconds, by percentile
    lags: dict[str, float] = field(default_factory=dict)  # the same, of how late the generator itself sent


def run(command: Sequence[str], seconds: int) -> Finished:
    """Runs a generator that is told to end after `seconds`."""
    started = time.monotonic()
    cpu_before = _cpu_seconds_of_children()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + GRACE_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LoadError(f"{command[0]} cannot be run: {error}") from error
    wall = time.monotonic() - started
    text = done.stdout if done.returncode == 0 else done.stdout + done.stderr
    return Finished(text, wall, _cpu_seconds_of_children() - cpu_before)


def _cpu_seconds_of_children() -> float:
    """Counts only children that have been waited for: the generator, not a running server."""
    times = os.times()
    return times.children_user + times.children_system
