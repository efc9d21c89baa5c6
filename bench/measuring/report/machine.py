"""The facts about build and machine without which the figures mean nothing."""

import datetime
import json
import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from measuring import cpus, servers

SOURCE = Path(__file__).resolve().parents[3]
CPU = Path("/sys/devices/system/cpu")
SECONDS = 30


def facts(chopin: servers.Program) -> dict[str, Any]:
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "source": source(),
        "chopin": version(chopin),
        "doctor": doctor(chopin),
        "kernel": platform.release(),
        "cpu": cpu_model(Path("/proc/cpuinfo").read_text()),
        "cpus": f"{len(os.sched_getaffinity(0))} on {cpus.core_count()} cores",
        "governor": _read(CPU / "cpu0/cpufreq/scaling_governor") or "unknown",
        "load average": Path("/proc/loadavg").read_text().split()[0],
        "mitigations": {path.name: path.read_text().strip() for path in sorted((CPU / "vulnerabilities").glob("*"))},
    }


def source() -> str:
    """The commit of the working tree, and whether it has changes."""
    commit = _output(["git", "-C", str(SOURCE), "rev-parse", "HEAD"])
    changes = _output(["git", "-C", str(SOURCE), "status", "--porcelain"])
    if commit is None or changes is None:
        return "not a git repository"
    return f"{commit.strip()}, {'with changes' if changes else 'clean'}"


def version(chopin: servers.Program) -> dict[str, str]:
    """The lines of --version, by name."""
    text = _output([chopin.command[0], "--version"], chopin.environment)
    if text is None:
        raise servers.ServerError(f"{chopin.command[0]} --version fails")
    return dict(line.split(maxsplit=1) for line in text.splitlines())


def doctor(chopin: servers.Program) -> dict[str, Any]:
    """The output of chopin doctor, or the reason why there is none. It exits with 1 if it warns."""
    text = _output([chopin.command[0], "doctor", "--json"], chopin.environment, (0, 1))
    try:
        return dict(json.loads(text or ""))
    except ValueError:
        return {"reason": f"chopin doctor --json says: {(text or 'nothing').strip()}"}


def instructions(file: Path) -> dict[str, Any]:
    """What bench/run instructions --json has written."""
    try:
        return dict(json.loads(file.read_text()))
    except (OSError, ValueError) as error:
        raise servers.ServerError(f"--instructions {file} cannot be read: {error}") from error


def cpu_model(cpuinfo: str) -> str:
    found = re.search(r"^model name\s*: (.*)$", cpuinfo, re.MULTILINE)
    return found[1] if found else platform.machine()


def _read(path: Path) -> str | None:
    return path.read_text().strip() if path.is_file() else None


def _output(
    command: Sequence[str], environment: Mapping[str, str] | None = None, right: Sequence[int] = (0,)
) -> str | None:
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode in right else None
