"""Starts servers, waits until they serve, and stops them."""

import os
import re
import selectors
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from measuring.servers.client import Client, request
from measuring.servers.program import Program, ServerError

START_SECONDS = 30  # valgrind takes a while
START_ATTEMPTS = 5  # a free port may have been taken meanwhile
START_CONNECTIONS = 32
STOP_SECONDS = 30


@dataclass
class Server:
    """A running program. Its report goes to stderr and is complete after `stop`."""

    program: Program
    process: subprocess.Popen[bytes]
    stderr: IO[bytes]
    port: int = 0

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def url(self) -> str:
        return self.url_of(self.program.path)

    def url_of(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def stop(self) -> None:
        self.process.terminate()
        try:
            status = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise ServerError(f"{self.name} still runs {STOP_SECONDS} s after SIGTERM") from None
        if status != self.program.end_status:
            raise ServerError(f"{self.name} ended with status {status}: {self.report()}")

    def report(self) -> str:
        self.stderr.seek(0)
        return self.stderr.read().decode(errors="replace").strip()

    def requests_served(self) -> int:
        served = re.search(r"served requests=(\d+)", self.report())
        if served is None:
            raise ServerError(f"{self.name} does not say how many requests it served: {self.report()}")
        return int(served[1])


@contextmanager
def running(program: Program, prefix: tuple[str, ...] = ()) -> Iterator[Server]:
    """Starts `program`, prefixed by the command `prefix`, in a temporary folder and waits until it serves. Whatever
    still runs at the end is killed: callers that want its report stop it."""
    if program.chooses_its_port:
        with _started(program, prefix, stdout=subprocess.PIPE) as server:
            server.port = _announced_port(server)
            yield server
        return
    for attempts_left in reversed(range(START_ATTEMPTS)):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = int(listener.getsockname()[1])
        with _started(program.on_port(port), prefix) as server:
            if _responds(server, port):
                server.port = port
                yield server
                return
            if not attempts_left:
                raise _failed_to_start(server)


@contextmanager
def _started(program: Program, prefix: tuple[str, ...], stdout: int = subprocess.DEVNULL) -> Iterator[Server]:
    """In its own process group, so that its workers are killed with it."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as stderr:
        Path(folder).chmod(0o755)  # a server started as root reads it as another user
        for name, content in program.files:
            path = Path(folder) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
        command, environment = prefix + program.command, program.environment
        try:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=stdout, stderr=stderr, process_group=0
            )
        except OSError as error:
            raise ServerError(f"{program.name} cannot be started: {error}") from error
        try:
            yield Server(program, process, stderr)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def _failed_to_start(server: Server) -> ServerError:
    server.process.wait()
    return ServerError(f"{server.name} does not start: {server.report()}")


def _says_nothing(server: Server) -> ServerError:
    return ServerError(f"{server.name} does not serve within {START_SECONDS} s: {server.report()}")


def _responds(server: Server, port: int) -> bool:
    """False if it has ended instead. Workers may listen long before they serve."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            _ask_all_workers(server, port)
            return server.process.poll() is None
        except ConnectionError:
            if server.process.poll() is not None:
                return False
            time.sleep(0.02)
        except TimeoutError:
            break
    raise _says_nothing(server)


def _ask_all_workers(server: Server, port: int) -> None:
    """The kernel chooses which worker gets a connection, hence many connections."""
    with ExitStack() as opened:
        clients = [opened.enter_context(Client(port)) for _ in range(START_CONNECTIONS)]
        for client in clients:
            client.send(request(server.program.path))
        for client in clients:
            client.response()


def _announced_port(server: Server) -> int:
    assert server.process.stdout is not None
    deadline = time.monotonic() + START_SECONDS
    text = b""
    with selectors.DefaultSelector() as selector:
        selector.register(server.process.stdout, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            piece = os.read(server.process.stdout.fileno(), 4096)
            if not piece:
                raise _failed_to_start(server)
            text += piece
            if announced := re.search(rb"http://127\.0\.0\.1:(\d+)\n", text):
                return int(announced[1])
    raise _says_nothing(server)
