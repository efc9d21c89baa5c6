"""The servers that are attacked, each with one worker: chopin, and Debian's packages with the same settings."""

import functools
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import victim
from measuring import servers
from measuring.servers import PORT, Program, ServerError, packaged
from measuring.servers.packaged import Package

from attacks import configurations
from attacks.settings import MIB, Settings

NAMES = ("chopin", "nginx", "apache2", "haproxy")
LARGEST_ANYWHERE = 64 * MIB


@dataclass(frozen=True)
class Behind:
    """What answers /echo and /db for servers that have no such handlers: chopin on another CPU, and silence."""

    echo: int  # ports
    silence: int

    def silent_database(self) -> str:
        return f"postgres://somebody@127.0.0.1:{self.silence}/nothing?connect_timeout=60"


@contextmanager
def behind(chopin: Path, cpu_prefix: tuple[str, ...]) -> Iterator[Behind]:
    """The silent one accepts connections, by the kernel, and never reads them."""
    limits = ("--max-body-size", str(LARGEST_ANYWHERE), "--idle-timeout", "1h", "--workers", "1")
    silent = socket.create_server(("127.0.0.1", 0), backlog=4096)
    with silent, victim.running(chopin, *limits, "--pin-cpus", "false", prefix=cpu_prefix) as echo:
        yield Behind(echo.port, int(silent.getsockname()[1]))


@functools.cache
def flags_of(chopin: Path) -> frozenset[str]:
    told = subprocess.run([chopin, "--help"], capture_output=True, text=True, check=True).stdout
    return frozenset(re.findall(r"^  (--[a-z-]+)", told, re.MULTILINE))


def chopin_program(chopin: Path, settings: Settings, back: Behind) -> Program:
    wanted = {
        "--header-timeout": f"{settings.header_seconds}s",
        "--body-timeout": f"{settings.body_seconds}s",
        "--idle-timeout": f"{settings.idle_seconds}s",
        "--write-timeout": f"{settings.write_seconds}s",
        "--max-buf-size": str(settings.head_bytes),
        "--max-headers": str(settings.fields),
        "--max-body-size": str(settings.body_bytes),
        "--database-url": back.silent_database(),
        "--database-acquire-timeout": f"{settings.slow_seconds}s",
        "--database-statement-timeout": f"{settings.slow_seconds + 1}s",
        "--max-connections": settings.connections,
        "--max-memory": settings.memory_bytes,
    }
    known = flags_of(chopin)
    flags = [
        word for flag, value in wanted.items() if value is not None and flag in known for word in (flag, str(value))
    ]
    fixed = ("--port", "0", "--workers", "1", "--pin-cpus", "false", "--environment", "production")
    command = (str(chopin.resolve()), *fixed, "--log-level", "info", *flags)
    return Program("chopin", command, (), variables=(("REUSEPORT", "true"),))


def _package(name: str, arguments: tuple[str, ...], files: dict[str, str], end_status: int = 0) -> Program:
    package = Package(name, arguments, tuple(files.items()))
    executable = package.executable
    if executable is None:
        raise ServerError(package.missing())
    program = package.program(executable)
    return Program(name, program.command, (), servers.JSON_PATH, files=program.files, end_status=end_status)


def _nginx(settings: Settings, back: Behind) -> Program:
    files = {"nginx.conf": configurations.nginx(PORT, settings, back.echo, back.silence)}
    return _package("nginx", ("-p", ".", "-c", "nginx.conf"), files)


def _apache(settings: Settings, back: Behind) -> Program:
    files = {
        "apache.conf": configurations.apache(PORT, settings, back.echo, back.silence),
        "root/json": servers.JSON.decode(),
        "root/index.html": configurations.WELCOME,
    }
    return _package("apache2", ("-D", "FOREGROUND", "-d", ".", "-f", "apache.conf"), files)


def _haproxy(settings: Settings, back: Behind) -> Program:
    files = {"haproxy.cfg": configurations.haproxy(PORT, settings, back.echo, back.silence)}
    return _package("haproxy", ("-db", "-f", "haproxy.cfg"), files, end_status=-signal.SIGTERM)


PACKAGES: dict[str, Callable[[Settings, Behind], Program]] = {"nginx": _nginx, "apache2": _apache, "haproxy": _haproxy}


def program(name: str, chopin: Path, settings: Settings, back: Behind) -> Program:
    if name == "chopin":
        return chopin_program(chopin, settings, back)
    return PACKAGES[name](settings, back)


def version(name: str, chopin: Path) -> str:
    executable = str(chopin) if name == "chopin" else shutil.which(name, path=packaged.SEARCH_PATH)
    if executable is None:
        raise ServerError(f"{name} is not installed: apt-get install {name}")
    if name == "chopin" and not chopin.is_file():
        raise ServerError(f"{chopin} is missing: build it, or give --chopin")
    return packaged.version_of(executable, "--version" if name == "chopin" else "-v")
