"""One bounded run of wrk, and what it says."""

import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

REQUESTS = Path(__file__).resolve().parent / "requests.lua"
PLAIN = "plain"  # the request that wrk sends by itself
GRACE_SECONDS = 30


class WrkError(Exception):
    """wrk could not be run, or said what is not understood."""


@dataclass(frozen=True)
class Load:
    requests: int
    seconds: float  # by wrk's clock
    wall_seconds: float
    cpu_seconds: float  # of wrk
    errors: tuple[str, ...]  # empty for a run that counts


def run(
    url: str, connections: int, seconds: int, depth: int, prefix: tuple[str, ...] = (), request: str = PLAIN
) -> Load:
    """One thread; `depth` requests in one piece, each as requests/`request`.http has it."""
    command = [
        *prefix,
        "wrk",
        "--threads",
        "1",
        "--connections",
        str(connections),
        "--duration",
        f"{seconds}s",
    ]
    by_itself = depth == 1 and request == PLAIN
    command += [url] if by_itself else ["--script", str(REQUESTS), url, "--", str(depth), request]
    started = time.monotonic()
    cpu_before = _cpu_seconds_of_children()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + GRACE_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WrkError(f"wrk cannot be run: {error}") from error
    wall = time.monotonic() - started
    return _read(done.stdout + done.stderr, wall, _cpu_seconds_of_children() - cpu_before)


def _cpu_seconds_of_children() -> float:
    """Counts a child when it has been waited for: wrk, but no server that still runs."""
    times = os.times()
    return times.children_user + times.children_system


def _read(text: str, wall_seconds: float, cpu_seconds: float) -> Load:
    total = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m),", text)
    if total is None:
        raise WrkError(f"wrk says: {text.strip()}")
    unit = {"ms": 0.001, "s": 1.0, "m": 60.0}[total[3]]
    errors = re.findall(r"Socket errors: .*|Non-2xx or 3xx responses: .*", text)
    if int(total[1]) == 0:
        errors.append("no answers")
    return Load(int(total[1]), float(total[2]) * unit, wall_seconds, cpu_seconds, tuple(errors))
