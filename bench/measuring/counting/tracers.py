"""The cost of a request as counted by callgrind and strace."""

import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from measuring import servers

REPORT_SECONDS = 10  # for the tracer to write its report once the server has ended
INSTRUCTIONS = "user instructions"

Counts = Counter[str]  # by what is counted
Costs = dict[str, float]  # per request


@dataclass(frozen=True)
class Tracer:
    """The command prefix of a tracer, which writes to `report`."""

    words: tuple[str, ...]
    ending: str  # a pattern: the report is complete when it matches
    read: Callable[[str], Counts]


@dataclass(frozen=True)
class Run:
    counts: Counts
    requests: int


def trace(
    program: servers.Program,
    tracer: Tracer,
    drive: Callable[[servers.Server], object],
    prefix: tuple[str, ...] = (),
    requests: Callable[[servers.Server], int] = servers.Server.requests_served,
) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        words = tuple(word.format(report=report) for word in tracer.words)
        with servers.running(program, (*prefix, *words)) as server:
            drive(server)
            server.stop()
            text = _complete(report, tracer.ending)
            return Run(tracer.read(text), requests(server))


def _complete(report: Path, ending: str) -> str:
    deadline = time.monotonic() + REPORT_SECONDS
    while time.monotonic() < deadline:
        text = report.read_text() if report.exists() else ""
        if re.search(ending, text):
            return text
        time.sleep(0.05)
    raise servers.ServerError(f"the tracer did not complete its report within {REPORT_SECONDS} s")


def costs(base: Run, loaded: Run) -> Costs:
    """Cost of the requests that `loaded` has more than `base`; start and clock are in both."""
    requests = loaded.requests - base.requests
    return {name: count / requests for name, count in (loaded.counts - base.counts).items()}


def _instructions(report: str) -> Counts:
    collected = re.search(r"Collected : (\d+)", report)
    assert collected is not None  # the report would not be complete
    return Counter({INSTRUCTIONS: int(collected[1])})


def _system_calls(report: str) -> Counts:
    """By name; failed calls are counted separately."""
    counts: Counts = Counter()
    for line in report.splitlines():
        # The errors column is blank if there are none.
        row = re.fullmatch(r"\s*(\d+)(?:\s+(\d+))?\s+(\w+)", line)
        if row is None or row[3] == "total":
            continue
        failed = int(row[2] or 0)
        counts[row[3]] = int(row[1]) - failed
        counts[f"{row[3]}, failed"] = failed
    return counts


CALLGRIND = Tracer(
    ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-file={report}"),
    r"Collected : \d+",
    _instructions,
)
# -D: the tracer runs as a grandchild, so that the server keeps the process id we signal.
STRACE = Tracer(
    ("strace", "-D", "-f", "-c", "-U", "calls,errors,name", "-o", "{report}"), r"\btotal\s*$", _system_calls
)
