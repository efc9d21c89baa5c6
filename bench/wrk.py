"""One bounded run of wrk, and its results."""

import re
from collections.abc import Sequence
from pathlib import Path

import load
from load import Load

FOLDER = Path(__file__).resolve().parent
REQUESTS = FOLDER / "requests.lua"
CHURN = FOLDER / "churn.lua"
PLAIN = "plain"  # the request that wrk sends by default
SECONDS = {"ms": 1e-3, "s": 1.0, "m": 60.0}


class WrkError(load.LoadError):
    """wrk could not be run, or its output was not understood."""


def run(
    url: str, connections: int, seconds: int, depth: int, prefix: tuple[str, ...] = (), request: str = PLAIN
) -> Load:
    """One thread; `depth` requests in one piece, each from requests/`request`.http."""
    words = command(url, connections, seconds, 1, script_for(depth, request))
    return read(load.run([*prefix, *words], seconds))


def script_for(depth: int, request: str) -> list[object]:
    return [] if depth == 1 and request == PLAIN else [REQUESTS, depth, request]


def command(
    url: str, connections: int, seconds: int, threads: int, script: Sequence[object] = ()
) -> list[str]:
    """`script` is a file and its arguments."""
    words = ["wrk", "--threads", str(threads), "--connections", str(connections), "--duration", f"{seconds}s"]
    if not script:
        return [*words, url]
    file, *arguments = map(str, script)
    return [*words, "--script", file, url, "--", *arguments]


def read(finished: load.Finished) -> Load:
    total = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m),", finished.text)
    if total is None:
        raise WrkError(f"wrk says: {finished.text.strip()}")
    errors = re.findall(r"Socket errors: .*|Non-2xx or 3xx responses: .*", finished.text)
    if int(total[1]) == 0:
        errors.append("no responses")
    seconds = float(total[2]) * SECONDS[total[3]]
    return Load(int(total[1]), seconds, finished.wall_seconds, finished.cpu_seconds, tuple(errors))
