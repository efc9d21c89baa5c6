"""wrk, which saturates servers."""

import re
from pathlib import Path

from measuring.load import bounded_run
from measuring.load.bounded_run import Finished, Generator, Load
from measuring.load.workload import PLAIN, Workload

FOLDER = Path(__file__).resolve().parents[2]
REQUESTS = FOLDER / "requests.lua"
CHURN = FOLDER / "churn.lua"
SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


class Wrk(Generator):
    name = "wrk"
    home = "Debian: wrk"

    def command(self, url: str, work: Workload, seconds: int, threads: int, files: Path) -> list[str]:
        words = ["wrk", "--threads", str(min(threads, work.connections)), "--connections", str(work.connections)]
        words += ["--duration", f"{seconds}s"]
        if work.requests_per_connection is not None:
            return [*words, "--script", str(CHURN), url, "--", str(work.requests_per_connection)]
        if work.depth == 1 and work.request == PLAIN:
            return [*words, url]
        return [*words, "--script", str(REQUESTS), url, "--", str(work.depth), work.request]

    def read(self, finished: Finished) -> Load:
        total = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m),", finished.text)
        if total is None:
            raise self.says(finished.text)
        errors = re.findall(r"Socket errors: .*|Non-2xx or 3xx responses: .*", finished.text)
        return bounded_run.load(int(total[1]), float(total[2]) * SECONDS[total[3]], finished, errors)

    def lacks(self, work: Workload) -> str | None:
        return "wrk knows closed loops only" if work.is_open_loop else self.lacks_turns_or_resets(work)


WRK = Wrk()
