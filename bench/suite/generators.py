"""The load generators: what each can do, its command line and its output."""

import json
import re
import shutil
import subprocess
import tempfile
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import load
import wrk
from load import Finished, Load, LoadError
from suite.workload import Workload

VERSION_SECONDS = 10
IN_FLIGHT = "aborted due to deadline"  # oha's words for a request in flight at the end
PERCENTILES = ("p50", "p75", "p90", "p95", "p99", "p99.9", "p99.99")
MICROSECONDS = 1e-6


class Generator(ABC):
    name: str
    home: str  # where it comes from
    corrects_latency = False  # for coordinated omission

    @abstractmethod
    def command(self, url: str, work: Workload, seconds: int, threads: int, body: Path) -> list[str]:
        """`body` is a file that holds the body of the request."""

    @abstractmethod
    def read(self, finished: Finished) -> Load:
        """The measured load, parsed from its output."""

    @abstractmethod
    def lacks(self, work: Workload) -> str | None:
        """The reason if it cannot do this."""

    def environment(self, threads: int) -> dict[str, str]:
        return {}

    def run(self, url: str, work: Workload, seconds: int, threads: int, prefix: tuple[str, ...]) -> Load:
        variables = [f"{name}={value}" for name, value in self.environment(threads).items()]
        with tempfile.NamedTemporaryFile() as body:
            body.write(work.asked.body)
            body.flush()
            command = self.command(url, work, seconds, threads, Path(body.name))
            return self.read(load.run([*prefix, "env", *variables, *command], seconds))


class Wrk(Generator):
    name = "wrk"
    home = "Debian: wrk"

    def command(self, url: str, work: Workload, seconds: int, threads: int, body: Path) -> list[str]:
        script = wrk.script_for(work.depth, work.request)
        if work.requests_per_connection is not None:
            script = [wrk.CHURN, work.requests_per_connection]
        threads = min(threads, work.connections)
        return wrk.command(url, work.connections, seconds, threads, script)

    def read(self, finished: Finished) -> Load:
        return wrk.read(finished)

    def lacks(self, work: Workload) -> str | None:
        return None if work.share is None else "wrk knows closed loops only"


class Oha(Generator):
    name = "oha"
    home = "cargo install --locked oha"
    corrects_latency = True

    def environment(self, threads: int) -> dict[str, str]:
        return {"TOKIO_WORKER_THREADS": str(threads)}

    def command(self, url: str, work: Workload, seconds: int, threads: int, body: Path) -> list[str]:
        words = [
            "oha",
            "--no-tui",
            "--output-format",
            "json",
            "-z",
            f"{seconds}s",
            "-c",
            str(work.connections),
        ]
        if work.rate is not None:
            words += ["-q", str(work.rate), "--latency-correction"]
        if work.asked.closes:
            words.append("--disable-keepalive")
        if work.method != "GET":
            words += ["-m", work.method, "-D", str(body)]
        for name, value in work.fields:
            words += ["-H", f"{name}: {value}"]
        return [*words, url]

    def read(self, finished: Finished) -> Load:
        report = _json_of(self.name, finished.text)
        codes: dict[str, int] = report["statusCodeDistribution"]
        errors = [
            f"{count} times {kind}"
            for kind, count in report["errorDistribution"].items()
            if kind != IN_FLIGHT
        ]
        errors += [f"{count} responses with status {code}" for code, count in codes.items() if code != "200"]
        latencies = {
            name: seconds
            for name, seconds in report["latencyPercentiles"].items()
            if name in PERCENTILES and seconds is not None
        }
        return _load(sum(codes.values()), report["summary"]["total"], finished, errors, latencies)

    def lacks(self, work: Workload) -> str | None:
        return _lacks_pipelining_or_numbers(self.name, work)


class Bombardier(Generator):
    """Its latencies are measured from when a request was sent, not from when it was due."""

    name = "bombardier"
    home = "go install github.com/codesenberg/bombardier@latest"

    def environment(self, threads: int) -> dict[str, str]:
        return {"GOMAXPROCS": str(threads)}

    def command(self, url: str, work: Workload, seconds: int, threads: int, body: Path) -> list[str]:
        words = ["bombardier", "--print", "result", "--format", "json", "--latencies"]
        words += ["--connections", str(work.connections), "--duration", f"{seconds}s"]
        if work.rate is not None:
            words += ["--rate", str(work.rate)]
        if work.asked.closes:
            words.append("--disableKeepAlives")
        if work.method != "GET":
            words += ["--method", work.method, "--body-file", str(body)]
        for name, value in work.fields:
            words += ["--header", f"{name}: {value}"]
        return [*words, url]

    def read(self, finished: Finished) -> Load:
        result = _json_of(self.name, finished.text)["result"]
        counts = {
            kind: result[kind] for kind in ("req1xx", "req2xx", "req3xx", "req4xx", "req5xx", "others")
        }
        errors = [f"{error['count']} times {error['description']}" for error in result.get("errors", [])]
        errors += [
            f"{count} responses of {kind}" for kind, count in counts.items() if count and kind != "req2xx"
        ]
        percentiles = result.get("latency", {}).get("percentiles", {})
        latencies = {f"p{name.strip()}": count * MICROSECONDS for name, count in percentiles.items()}
        return _load(counts["req2xx"], result["timeTakenSeconds"], finished, errors, latencies)

    def lacks(self, work: Workload) -> str | None:
        return _lacks_pipelining_or_numbers(self.name, work)


class H2load(Generator):
    name = "h2load"
    home = "Debian: nghttp2-client"

    def command(self, url: str, work: Workload, seconds: int, threads: int, body: Path) -> list[str]:
        threads = min(threads, work.connections)
        words = ["h2load", "--h1", "--threads", str(threads), "--clients", str(work.connections)]
        words += ["--max-concurrent-streams", str(work.depth), "--duration", str(seconds)]
        if work.method != "GET":
            words += ["--data", str(body)]
        for name, value in work.fields:
            words += ["--header", f"{name}: {value}"]
        return [*words, url]

    def read(self, finished: Finished) -> Load:
        took = re.search(r"finished in ([\d.]+)(us|ms|s|m)?,", finished.text)
        counts = re.search(
            r"requests: .*? (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", finished.text
        )
        codes = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", finished.text)
        if took is None or counts is None or codes is None:
            raise LoadError(f"h2load says: {finished.text.strip()}")
        seconds = float(took[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}[took[2] or "s"]
        kinds = zip(("failed", "errored", "timeout"), counts.groups()[1:])
        errors = [f"{count} {kind}" for kind, count in kinds if int(count)]
        errors += [
            f"{count} responses {kind}"
            for kind, count in zip(("3xx", "4xx", "5xx"), codes.groups()[1:])
            if int(count)
        ]
        return _load(int(codes[1]), seconds, finished, errors, {})

    def lacks(self, work: Workload) -> str | None:
        if work.share is not None:
            return "h2load gives no latencies in an open loop"
        if work.asked.closes or work.requests_per_connection is not None:
            return "h2load keeps its connections"
        return "h2load does not number its requests" if work.is_varied else None


@dataclass(frozen=True)
class Availability:
    """Of a generator on this machine."""

    name: str
    version: str | None
    reason: str | None  # why it cannot be used


GENERATORS: dict[str, Generator] = {kind.name: kind for kind in (Wrk(), Oha(), Bombardier(), H2load())}


def availability(generator: Generator) -> Availability:
    if shutil.which(generator.name) is None:
        return Availability(generator.name, None, f"{generator.name} is not installed ({generator.home})")
    try:
        done = subprocess.run(
            [generator.name, "--version"], capture_output=True, text=True, timeout=VERSION_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Availability(generator.name, None, f"{generator.name} --version fails: {error}")
    lines = (done.stdout + done.stderr).strip().splitlines()
    if not lines:
        return Availability(generator.name, None, f"{generator.name} does not say its version")
    return Availability(generator.name, lines[0].split(" [epoll]")[0], None)


def _json_of(name: str, text: str) -> dict[str, Any]:
    try:
        return dict(json.loads(text))
    except json.JSONDecodeError:
        raise LoadError(f"{name} says: {text.strip()}") from None


def _load(
    requests: int, seconds: float, finished: Finished, errors: list[str], latencies: dict[str, float]
) -> Load:
    if requests == 0:
        errors = [*errors, "no responses"]
    return Load(requests, seconds, finished.wall_seconds, finished.cpu_seconds, tuple(errors), latencies)


def _lacks_pipelining_or_numbers(name: str, work: Workload) -> str | None:
    if work.depth > 1:
        return f"{name} does not pipeline"
    if work.requests_per_connection is not None:
        return f"{name} closes each connection or none"
    return f"{name} does not number its requests" if work.is_varied else None
