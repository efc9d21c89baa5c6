"""PostgreSQL servers of our own: the distribution's programs on private folders, sockets and ports."""

import contextlib
import ctypes
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from measuring import cpus

PROGRAMS = Path("/usr/lib/postgresql")
ACCOUNT = "postgres"  # the package's; the programs refuse to run as root
START_SECONDS = 60  # under sanitizers and other load
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1

# Nothing that shared memory outside the folder would keep after a kill.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "dynamic_shared_memory_type": "mmap",
    "logging_collector": "off",
    "log_destination": "stderr",
    "timezone": "UTC",
}


class PostgresError(Exception):
    """A server could not be made or started."""


def programs() -> Path:
    """The folder of the newest version that is installed."""
    found = [path.parent for path in PROGRAMS.glob("*/bin/postgres") if path.parent.parent.name.isdigit()]
    if not found:
        raise PostgresError(f"no PostgreSQL server in {PROGRAMS}: cmake/bootstrap install test")
    return max(found, key=lambda folder: int(folder.parent.name))


def _account() -> dict[str, Any]:
    """For subprocess: root starts the servers as the package's user, anybody else as himself."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(ACCOUNT)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def run(command: Sequence[str | Path], text: str = "") -> str:
    """Runs one of their programs to its end, and returns what it prints."""
    # Their locale is not the caller's, who may have one that is not installed.
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, input=text, capture_output=True, text=True, env=environment, cwd="/", **_account())
    if done.returncode != 0:
        raise PostgresError(f"{command[0]} failed: {done.stdout}{done.stderr}")
    return str(done.stdout)


def start(command: Sequence[str | Path], log: Path) -> subprocess.Popen[bytes]:
    """Starts one of their servers. If this process is killed, the server ends as well."""
    libc = ctypes.CDLL(None)

    def end_with_parent() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)

    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=end_with_parent,
            cwd="/",
            **_account(),
        )


def make_folder() -> Path:
    """A new one that belongs to the servers' account and lets everybody through to the sockets."""
    folder = Path(tempfile.mkdtemp(prefix="chopin-postgres-"))
    folder.chmod(0o755)
    if account := _account():
        os.chown(folder, account["user"], account["group"])
    return folder


def write(path: Path, text: str) -> None:
    """A file that only the servers' account reads."""
    path.write_text(text)
    path.chmod(0o600)
    if account := _account():
        os.chown(path, account["user"], account["group"])


def free_port() -> int:
    """Below the ports that the kernel gives to clients, so that a server may come back to it after a pause."""
    while True:
        port = random.randint(20000, 32000)
        if can_be_bound(port):
            return port


def can_be_bound(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as PostgreSQL does
        probe.bind(("127.0.0.1", port))
        return True
    return False


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Any, process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            raise PostgresError(f"{process.args[0]} did not start:\n{log.read_text()[-4000:]}")  # type: ignore
        time.sleep(0.01)


class Cluster:
    """One server with its data in `folder / "data"`, its socket in `folder` and its log beside them."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.port = free_port()
        self._settings = {**SETTINGS, **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def initialise(self, password: str, *options: str) -> None:
        """New data, with the superuser `postgres`."""
        secret = self.folder / "password"
        write(secret, password)
        initdb: list[str | Path] = [programs() / "initdb", "--pgdata", self.data, "--pwfile", secret]
        initdb += ["--username", ACCOUNT, "--auth", "scram-sha-256", "--encoding", "UTF8"]
        run([*initdb, "--locale", "C.UTF-8", "--no-sync", "--no-instructions", *options])
        secret.unlink()

    def execute_alone(self, database: str, statements: Sequence[str]) -> None:
        """While no server runs. Each statement is one line."""
        text = "".join(f"{line};\n" for line in statements)
        run([programs() / "postgres", "--single", "-D", self.data, database], text)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, settings: Mapping[str, str] | None = None, prefix: Sequence[str] = ()) -> None:
        """Returns when it accepts connections. `settings` count for this start only."""
        options = {**self._settings, **(settings or {}), "port": str(self.port)}
        options["unix_socket_directories"] = str(self.folder)
        command: list[str | Path] = [*prefix, programs() / "postgres", "-D", self.data]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # of a killed one
        self._process = start(command, self.log)
        wait_until(self._is_ready, self._process, self.log, START_SECONDS)

    def _is_ready(self) -> bool:
        """The last line of its file of facts is what pg_ctl waits for too."""
        with contextlib.suppress(FileNotFoundError):
            return (self.data / "postmaster.pid").read_text().rstrip().endswith("\nready")
        return False

    def signal(self, number: int) -> None:
        """To the server and all its processes."""
        for pid in cpus.family_of(self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop(self) -> None:
        """Cuts all sessions; the data will need no recovery."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """All its processes at once, as a loss of power does."""
        if not self.is_running:
            return
        self.signal(signal.SIGSTOP)
        segment = self._shared_memory()
        self.signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()
        # The kernel closes the sockets of its other processes a little later, and the next server wants the port.
        deadline = time.monotonic() + START_SECONDS
        while not can_be_bound(self.port) and time.monotonic() < deadline:
            time.sleep(0.001)
        if segment:
            subprocess.run(["ipcrm", "--shmem-id", segment], stderr=subprocess.DEVNULL, **_account())

    def _shared_memory(self) -> str | None:
        """The identifier of the few bytes of System V memory that a server keeps beside its data."""
        with contextlib.suppress(FileNotFoundError, IndexError):
            return (self.data / "postmaster.pid").read_text().splitlines()[6].split()[1]
        return None

    def _end(self, number: int) -> None:
        if not self.is_running:
            return
        assert self._process is not None
        self.signal(signal.SIGCONT)
        self._process.send_signal(number)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def remove(self) -> None:
        """Ends it without ceremony; nothing is left of it."""
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)
