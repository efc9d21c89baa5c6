"""What all load generators share: one bounded run, and what it measured."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measuring.load.workload import Workload

GRACE_SECONDS = 30
VERSION_SECONDS = 10


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

    def without_errors(self, what: str) -> "Load":
        if self.errors:
            raise LoadError(f"{what}: {'; '.join(self.errors)}")
        return self


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


@dataclass(frozen=True)
class Availability:
    """Of a generator on this machine."""

    name: str
    version: str | None
    reason: str | None  # why it cannot be used


class Generator(ABC):
    name: str
    home: str  # where it comes from

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
        command = [self.name, "--version"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=VERSION_SECONDS)
        return done.stdout + done.stderr

    def availability(self) -> Availability:
        if self.executable is None:
            return Availability(self.name, None, f"{self.name} is not installed ({self.home})")
        try:
            lines = self.version().strip().splitlines()
        except (OSError, subprocess.TimeoutExpired) as error:
            return Availability(self.name, None, f"{self.name} --version fails: {error}")
        if not lines:
            return Availability(self.name, None, f"{self.name} does not say its version")
        return Availability(self.name, lines[0].split(" [epoll]")[0], None)

    def environment(self, threads: int) -> dict[str, str]:
        return {}

    def write(self, url: str, work: Workload, folder: Path) -> Path:
        """Writes what `command` refers to: by default the body of the request."""
        body = folder / "body"
        body.write_bytes(work.asked.body)
        return body

    def options_of_own_cpu(self, work: Workload) -> list[str]:
        """More options, if no other process is on its CPU."""
        return []

    def run(self, url: str, work: Workload, seconds: int, prefix: tuple[str, ...] = (), threads: int = 1) -> Load:
        variables = [f"{name}={value}" for name, value in self.environment(threads).items()]
        with tempfile.TemporaryDirectory() as folder:
            command = self.command(url, work, seconds, threads, self.write(url, work, Path(folder)))
            command += self.options_of_own_cpu(work) if prefix else []
            return self.read(run([*prefix, "env", *variables, *command], seconds))

    def says(self, text: str) -> LoadError:
        return LoadError(f"{self.name} says: {text.strip()}")

    def json_of(self, finished: Finished) -> dict[str, Any]:
        try:
            return dict(json.loads(finished.text))
        except json.JSONDecodeError:
            raise self.says(finished.text) from None

    def lacks_turns_or_resets(self, work: Workload) -> str | None:
        if work.more_requests:
            return f"{self.name} sends one request"
        return f"{self.name} resets no connections" if work.resets_after is not None else None

    def lacks_pipelining_or_numbers(self, work: Workload) -> str | None:
        if work.depth > 1:
            return f"{self.name} does not pipeline"
        if work.requests_per_connection is not None:
            return f"{self.name} closes each connection or none"
        return f"{self.name} does not number its requests" if work.is_varied else None


def load(
    requests: int,
    seconds: float,
    finished: Finished,
    errors: Sequence[str],
    latencies: Mapping[str, float] | None = None,
    lags: Mapping[str, float] | None = None,
) -> Load:
    found = (*errors, *(["no responses"] if requests == 0 else []))
    times = (finished.wall_seconds, finished.cpu_seconds)
    return Load(requests, seconds, *times, found, dict(latencies or {}), dict(lags or {}))
