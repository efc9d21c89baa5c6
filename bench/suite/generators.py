"""The load generators: what each can do, its command line and its output."""

import json
import re
import shutil
import subprocess
import tempfile
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import command_line
import load
import request_file
import wrk
from load import Finished, Load, LoadError
from suite.workload import Workload

VERSION_SECONDS = 10
WARM_UP_SECONDS = 1  # of an open loop
SPIN_MICROSECONDS = 1000
IN_FLIGHT = "aborted due to deadline"  # oha's words for a request in flight at the end
PERCENTILES = ("p50", "p75", "p90", "p95", "p99", "p99.9", "p99.99")
MICROSECONDS = 1e-6


class Generator(ABC):
    name: str
    home: str  # where it comes from
    corrects_latency = False  # for coordinated omission

    @abstractmethod
    def command(self, url: str, work: Workload, seconds: int, threads: int, files: Path) -> list[str]:
        """`files` is what `write` has returned."""

    @abstractmethod
    def read(self, finished: Finished) -> Load:
        """The measured load, parsed from its output."""

    @abstractmethod
    def lacks(self, work: Workload) -> str | None:
        """The reason if it cannot do this."""

    @property
    def executable(self) -> str | None:
        return shutil.which(self.name)

    def version(self) -> str:
        """What it says."""
        done = subprocess.run(
            [self.name, "--version"], capture_output=True, text=True, timeout=VERSION_SECONDS
        )
        return done.stdout + done.stderr

    def environment(self, threads: int) -> dict[str, str]:
        return {}

    def write(self, url: str, work: Workload, folder: Path) -> Path:
        """Writes what `command` refers to: by default the body of the request."""
        body = folder / "body"
        body.write_bytes(work.asked.body)
        return body

    def run(self, url: str, work: Workload, seconds: int, threads: int, prefix: tuple[str, ...]) -> Load:
        variables = [f"{name}={value}" for name, value in self.environment(threads).items()]
        with tempfile.TemporaryDirectory() as folder:
            command = self.command(url, work, seconds, threads, self.write(url, work, Path(folder)))
            command += self.options_of_own_cpu(work) if prefix else []
            return self.read(load.run([*prefix, "env", *variables, *command], seconds))

    def options_of_own_cpu(self, work: Workload) -> list[str]:
        """More options, if no other process is on its CPU."""
        return []


class Wrk(Generator):
    name = "wrk"
    home = "Debian: wrk"

    def command(self, url: str, work: Workload, seconds: int, threads: int, files: Path) -> list[str]:
        script = wrk.script_for(work.depth, work.request)
        if work.requests_per_connection is not None:
            script = [wrk.CHURN, work.requests_per_connection]
        threads = min(threads, work.connections)
        return wrk.command(url, work.connections, seconds, threads, script)

    def read(self, finished: Finished) -> Load:
        return wrk.read(finished)

    def lacks(self, work: Workload) -> str | None:
        if work.is_open_loop:
            return "wrk knows closed loops only"
        return _lacks_turns_or_resets(self.name, work)


class Oha(Generator):
    name = "oha"
    home = "cargo install --locked oha"
    corrects_latency = True

    def environment(self, threads: int) -> dict[str, str]:
        return {"TOKIO_WORKER_THREADS": str(threads)}

    def command(self, url: str, work: Workload, seconds: int, threads: int, files: Path) -> list[str]:
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
            words += ["-m", work.method, "-D", str(files)]
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
        return _lacks_pipelining_or_numbers(self.name, work) or _lacks_turns_or_resets(self.name, work)


class Bombardier(Generator):
    """Its latencies are measured from when a request was sent, not from when it was due."""

    name = "bombardier"
    home = "go install github.com/codesenberg/bombardier@latest"

    def environment(self, threads: int) -> dict[str, str]:
        return {"GOMAXPROCS": str(threads)}

    def command(self, url: str, work: Workload, seconds: int, threads: int, files: Path) -> list[str]:
        words = ["bombardier", "--print", "result", "--format", "json", "--latencies"]
        words += ["--connections", str(work.connections), "--duration", f"{seconds}s"]
        if work.rate is not None:
            words += ["--rate", str(work.rate)]
        if work.asked.closes:
            words.append("--disableKeepAlives")
        if work.method != "GET":
            words += ["--method", work.method, "--body-file", str(files)]
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
        return _lacks_pipelining_or_numbers(self.name, work) or _lacks_turns_or_resets(self.name, work)


class H2load(Generator):
    name = "h2load"
    home = "Debian: nghttp2-client"

    def command(self, url: str, work: Workload, seconds: int, threads: int, files: Path) -> list[str]:
        threads = min(threads, work.connections)
        words = ["h2load", "--h1", "--threads", str(threads), "--clients", str(work.connections)]
        words += ["--max-concurrent-streams", str(work.depth), "--duration", str(seconds)]
        if work.method != "GET":
            words += ["--data", str(files)]
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
        if work.is_open_loop:
            return "h2load gives no latencies in an open loop"
        if work.asked.closes or work.requests_per_connection is not None:
            return "h2load keeps its connections"
        if work.is_varied:
            return "h2load does not number its requests"
        return _lacks_turns_or_resets(self.name, work)


class OwnClient(Generator):
    """load_client.cpp. One thread."""

    name = "chopin_load"
    home = "build target load_client"
    corrects_latency = True
    build_dir = command_line.DEFAULT_BUILD_DIR

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
        report = _json_of(self.name, finished.text)
        statuses: dict[str, int] = report["statuses"]
        errors = [f"{count} times {kind}" for kind, count in report["errors"].items()]
        errors += [
            f"{count} responses with status {code}" for code, count in statuses.items() if code[0] != "2"
        ]
        measured = _load(report["all_responses"], report["all_seconds"], finished, errors, report["latency"])
        return replace(measured, lags=report["lag"])

    def lacks(self, work: Workload) -> str | None:
        if work.requests_per_connection is not None:
            return f"{self.name} closes each connection after as many requests, not on average"
        return _lacks_pipelining_or_numbers(self.name, work)


@dataclass(frozen=True)
class Availability:
    """Of a generator on this machine."""

    name: str
    version: str | None
    reason: str | None  # why it cannot be used


OWN_CLIENT = OwnClient()
GENERATORS: dict[str, Generator] = {
    kind.name: kind for kind in (Wrk(), OWN_CLIENT, Oha(), Bombardier(), H2load())
}


def availability(generator: Generator) -> Availability:
    if generator.executable is None:
        return Availability(generator.name, None, f"{generator.name} is not installed ({generator.home})")
    try:
        said = generator.version()
    except (OSError, subprocess.TimeoutExpired) as error:
        return Availability(generator.name, None, f"{generator.name} --version fails: {error}")
    lines = said.strip().splitlines()
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


def _lacks_turns_or_resets(name: str, work: Workload) -> str | None:
    if work.more_requests:
        return f"{name} sends one request"
    return f"{name} resets no connections" if work.resets_after is not None else None
