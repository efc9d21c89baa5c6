"""oha, bombardier and h2load, which show how much of a figure comes from the load generator."""

import re
from pathlib import Path

from measuring.load import bounded_run
from measuring.load.bounded_run import Finished, Generator, Load
from measuring.load.chopin_load import CHOPIN_LOAD
from measuring.load.workload import Workload
from measuring.load.wrk import SECONDS, WRK

IN_FLIGHT = "aborted due to deadline"  # oha's words for a request in flight at the end
PERCENTILES = ("p50", "p75", "p90", "p95", "p99", "p99.9", "p99.99")
MICROSECONDS = 1e-6


class OneRequest(Generator):
    """One that sends a single request, from its command line."""

    field_option: str

    def words_of(self, work: Workload, *posting: str) -> list[str]:
        """The fields, and if there is a body, `posting`."""
        fields = [word for name, value in work.fields for word in (self.field_option, f"{name}: {value}")]
        return [*(posting if work.method != "GET" else ()), *fields]

    def lacks(self, work: Workload) -> str | None:
        return self.lacks_pipelining_or_numbers(work) or self.lacks_turns_or_resets(work)


class Oha(OneRequest):
    name = "oha"
    home = "cargo install --locked oha"
    field_option = "-H"

    def environment(self, threads: int) -> dict[str, str]:
        return {"TOKIO_WORKER_THREADS": str(threads)}

    def command(self, url: str, work: Workload, seconds: int, threads: int, files: Path) -> list[str]:
        words = ["oha", "--no-tui", "--output-format", "json", "-z", f"{seconds}s", "-c", str(work.connections)]
        if work.rate is not None:
            words += ["-q", str(work.rate), "--latency-correction"]
        if work.asked.closes:
            words.append("--disable-keepalive")
        return [*words, *self.words_of(work, "-m", work.method, "-D", str(files)), url]

    def read(self, finished: Finished) -> Load:
        report = self.json_of(finished)
        codes: dict[str, int] = report["statusCodeDistribution"]
        faults = report["errorDistribution"].items()
        errors = [f"{count} times {kind}" for kind, count in faults if kind != IN_FLIGHT]
        errors += [f"{count} responses with status {code}" for code, count in codes.items() if code != "200"]
        percentiles = report["latencyPercentiles"].items()
        latencies = {name: time for name, time in percentiles if name in PERCENTILES and time is not None}
        return bounded_run.load(sum(codes.values()), report["summary"]["total"], finished, errors, latencies)


class Bombardier(OneRequest):
    """Its latencies are measured from when a request was sent, not from when it was due."""

    name = "bombardier"
    home = "go install github.com/codesenberg/bombardier@latest"
    field_option = "--header"

    def environment(self, threads: int) -> dict[str, str]:
        return {"GOMAXPROCS": str(threads)}

    def command(self, url: str, work: Workload, seconds: int, threads: int, files: Path) -> list[str]:
        words = ["bombardier", "--print", "result", "--format", "json", "--latencies"]
        words += ["--connections", str(work.connections), "--duration", f"{seconds}s"]
        if work.rate is not None:
            words += ["--rate", str(work.rate)]
        if work.asked.closes:
            words.append("--disableKeepAlives")
        return [*words, *self.words_of(work, "--method", work.method, "--body-file", str(files)), url]

    def read(self, finished: Finished) -> Load:
        result = self.json_of(finished)["result"]
        errors = [f"{error['count']} times {error['description']}" for error in result.get("errors", [])]
        wrong = ("req1xx", "req3xx", "req4xx", "req5xx", "others")
        errors += [f"{result[kind]} responses of {kind}" for kind in wrong if result[kind]]
        percentiles = result.get("latency", {}).get("percentiles", {})
        latencies = {f"p{name.strip()}": count * MICROSECONDS for name, count in percentiles.items()}
        return bounded_run.load(result["req2xx"], result["timeTakenSeconds"], finished, errors, latencies)


class H2load(OneRequest):
    name = "h2load"
    home = "Debian: nghttp2-client"
    field_option = "--header"

    def command(self, url: str, work: Workload, seconds: int, threads: int, files: Path) -> list[str]:
        words = ["h2load", "--h1", "--threads", str(min(threads, work.connections))]
        words += ["--clients", str(work.connections), "--max-concurrent-streams", str(work.depth)]
        return [*words, "--duration", str(seconds), *self.words_of(work, "--data", str(files)), url]

    def read(self, finished: Finished) -> Load:
        took = re.search(r"finished in ([\d.]+)(us|ms|s|m)?,", finished.text)
        failed = re.search(r"requests: .*? succeeded, (\d+) (failed), (\d+) (errored), (\d+) (timeout)", finished.text)
        codes = re.search(r"status codes: (\d+) 2xx, (\d+) (3xx), (\d+) (4xx), (\d+) (5xx)", finished.text)
        if took is None or failed is None or codes is None:
            raise self.says(finished.text)
        pairs = [found.groups()[first : first + 6] for found, first in ((failed, 0), (codes, 1))]
        kinds = zip(("", "responses "), pairs, strict=True)
        errors = [f"{pair[at]} {what}{pair[at + 1]}" for what, pair in kinds for at in (0, 2, 4) if pair[at] != "0"]
        return bounded_run.load(int(codes[1]), float(took[1]) * SECONDS[took[2] or "s"], finished, errors)

    def lacks(self, work: Workload) -> str | None:
        if work.is_open_loop:
            return "h2load gives no latencies in an open loop"
        if work.asked.closes or work.requests_per_connection is not None:
            return "h2load keeps its connections"
        if work.is_varied:
            return "h2load does not number its requests"
        return self.lacks_turns_or_resets(work)


GENERATORS: dict[str, Generator] = {kind.name: kind for kind in (WRK, CHOPIN_LOAD, Oha(), Bombardier(), H2load())}
