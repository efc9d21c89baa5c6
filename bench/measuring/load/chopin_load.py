"""Our own load client, load_client.cpp: one thread that keeps a rate."""

from pathlib import Path
from urllib.parse import urlsplit

from measuring.load import bounded_run, request_file
from measuring.load.bounded_run import Finished, Generator, Load
from measuring.load.workload import Workload

WARM_UP_SECONDS = 1  # of an open loop
SPIN_MICROSECONDS = 1000


class ChopinLoad(Generator):
    name = "chopin_load"
    home = "build target load_client"
    build_dir = Path()  # a command says where

    @property
    def executable(self) -> str | None:
        path = self.build_dir / "bench" / self.name
        return str(path.resolve()) if path.is_file() else None

    def version(self) -> str:
        return "of this build"

    def write(self, url: str, work: Workload, folder: Path) -> Path:
        """The requests, in the order of their names."""
        target = urlsplit(url)
        for place, name in enumerate(work.requests):
            asked = request_file.read(name)
            request = asked.request(target.path, target.netloc, request_file.FIRST_NUMBER)
            (folder / f"{place}.http").write_bytes(request)
        return folder

    def command(self, url: str, work: Workload, seconds: int, threads: int, files: Path) -> list[str]:
        target = urlsplit(url)
        words = [self.executable or self.name, "--address", str(target.hostname), "--port", str(target.port)]
        words += ["--connections", str(work.connections), "--seconds", str(seconds)]
        if work.is_open_loop:
            words += ["--rate", str(work.rate), "--warm-up", str(WARM_UP_SECONDS)]
        if work.resets_after is not None:
            words += ["--per-connection", str(work.resets_after)]
        for file in sorted(files.glob("*.http")):
            words += ["--request", str(file)]
        return words

    def options_of_own_cpu(self, work: Workload) -> list[str]:
        """A sleeping CPU takes tens of microseconds to wake up, and costs the server the call that wakes it."""
        return ["--spin", str(SPIN_MICROSECONDS)] if work.is_open_loop else []

    def read(self, finished: Finished) -> Load:
        """With the warm-up, during which the server took CPU time too; latencies are without."""
        report = self.json_of(finished)
        errors = [f"{count} times {kind}" for kind, count in report["errors"].items()]
        statuses = report["statuses"].items()
        errors += [f"{count} responses with status {status}" for status, count in statuses if status[0] != "2"]
        measured = (report["all_responses"], report["all_seconds"])
        return bounded_run.load(*measured, finished, errors, report["latency"], report["lag"])

    def lacks(self, work: Workload) -> str | None:
        if work.requests_per_connection is not None:
            return f"{self.name} closes each connection after as many requests, not on average"
        return self.lacks_pipelining_or_numbers(work)


CHOPIN_LOAD = ChopinLoad()
