"""The servers that the benchmarks measure: how they are started, asked, checked and stopped."""

import os
import re
import selectors
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

PATH = "/plaintext"
HELLO = b"Hello, World!"

START_SECONDS = 30  # valgrind takes a while
STOP_SECONDS = 30
ANSWER_SECONDS = 10


class ServerError(Exception):
    """A server did not start, answer or stop as it should."""


@dataclass(frozen=True)
class Mode:
    """How chopin answers: what it says of itself, and the variables that make it so."""

    name: str
    answer_class: str
    variables: tuple[tuple[str, str], ...] = ()


PREBUILT = Mode("performance", "prebuilt", (("REUSEPORT", "true"),))
COMPOSED = Mode("performance", "composed", (("REUSEPORT", "true"), ("FAST_ROUTES", "composed")))
STANDARD = Mode("standard", "composed")


@dataclass(frozen=True)
class Program:
    """A server to be started, and the path that it is measured by."""

    name: str
    command: tuple[str, ...]
    routes: tuple[tuple[str, bytes], ...]  # a path, and a pattern that the bodies of its answers match
    path: str = PATH
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the caller's but the search path: other settings must not reach the server."""
        return {"PATH": os.environ.get("PATH", os.defpath), **dict(self.variables)}


def floor(build_dir: Path, port: int) -> Program:
    return Program("floor", (_executable(build_dir / "bench" / "chopin_floor"), str(port)), ((PATH, HELLO),))


def chopin(
    build_dir: Path, port: int, *flags: str, name: str = "chopin", mode: Mode = PREBUILT, path: str = PATH
) -> Program:
    """One worker, left to be pinned from outside as the floor is, and in production: without request ids and
    the request log."""
    fixed = ("--port", str(port), "--workers", "1", "--pin-cpus", "false")
    command = (_executable(build_dir / "chopin"), *fixed, *flags)
    welcome = rf'\{{"name":"chopin",.*"mode":"{mode.name}","class":"{mode.answer_class}",.*\}}'
    routes = ((PATH, HELLO), ("/json", rb'\{"message":"Hello, World!"\}'), ("/", welcome.encode()))
    return Program(name, command, routes, path, (*mode.variables, ("ENVIRONMENT", "production")))


def _executable(path: Path) -> str:
    if not path.is_file():
        raise ServerError(f"{path} is not there: build a preset with CHOPIN_BENCH=ON, or give --build-dir")
    return str(path.resolve())


@dataclass
class Server:
    """A running program. It writes its report to stderr, which is complete after `stop`."""

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
        return f"http://127.0.0.1:{self.port}{self.program.path}"

    def stop(self) -> None:
        self.process.terminate()
        try:
            status = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise ServerError(f"{self.name} is still there {STOP_SECONDS} s after SIGTERM") from None
        if status != 0:
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
    """Starts `program`, behind the words of `prefix`, in an empty folder and waits until it listens. What
    still runs at the end is killed: callers that want its report stop it."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as stderr:
        command = prefix + program.command
        try:
            process = subprocess.Popen(
                command, cwd=folder, env=program.environment, stdout=subprocess.PIPE, stderr=stderr
            )
        except OSError as error:
            raise ServerError(f"{program.name} cannot be started: {error}") from error
        server = Server(program, process, stderr)
        try:
            server.port = _announced_port(server)
            yield server
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def _announced_port(server: Server) -> int:
    assert server.process.stdout is not None
    deadline = time.monotonic() + START_SECONDS
    text = b""
    with selectors.DefaultSelector() as selector:
        selector.register(server.process.stdout, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            piece = os.read(server.process.stdout.fileno(), 4096)
            if not piece:
                server.process.wait()
                raise ServerError(f"{server.name} does not start: {server.report()}")
            text += piece
            if announced := re.search(rb"http://127\.0\.0\.1:(\d+)\n", text):
                return int(announced[1])
    raise ServerError(f"{server.name} has not said where it listens within {START_SECONDS} s")


@dataclass(frozen=True)
class Answer:
    head: bytes
    body: bytes

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])

    def without_date(self) -> bytes:
        """As long as it is with its date."""
        return re.sub(rb"(?m)^Date: .{29}\r$", b"Date: " + b"." * 29 + b"\r", self.head) + self.body


class Client:
    """One connection that reads answers with a Content-Length."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self._socket = socket.socket()
        self._socket.settimeout(ANSWER_SECONDS)
        # Without this the port would be chosen before the destination is known, and could serve only one.
        self._socket.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.bind((source, 0))
        self._socket.connect(("127.0.0.1", port))
        self._input = b""

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def answer(self) -> Answer:
        while b"\r\n\r\n" not in self._input:
            self._receive()
        head, _, self._input = self._input.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if length is None:
            raise ServerError(f"an answer without Content-Length: {head!r}")
        size = int(length[1])
        while len(self._input) < size:
            self._receive()
        body, self._input = self._input[:size], self._input[size:]
        return Answer(head + b"\r\n\r\n", body)

    def require_silence(self, seconds: float) -> None:
        self._socket.settimeout(seconds)
        try:
            self._input += self._socket.recv(4096)
        except TimeoutError:
            pass
        self._socket.settimeout(ANSWER_SECONDS)
        if self._input:
            raise ServerError(f"more than was asked for: {self._input!r}")

    def require_end(self) -> None:
        """The server closes the connection, and sends nothing before."""
        rest = self._input + self._socket.recv(4096)
        if rest:
            raise ServerError(f"{rest!r} where the connection should have ended")

    def _receive(self) -> None:
        piece = self._socket.recv(65536)
        if not piece:
            raise ServerError(f"the connection ended after {self._input!r}")
        self._input += piece


def request(path: str = PATH) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


Answers = dict[str, bytes]  # by path, less their dates


def check(program: Program, depth: int) -> Answers:
    """Asks a server of its own for each path, in one piece and in two, and `depth` times for all in turn in
    one piece, which shows the order. All answers to a path have to be the same."""
    with running(program) as server:
        with Client(server.port) as client:
            answers = {path: _check_path(client, server, path, body) for path, body in program.routes}
            asked = [program.routes[i % len(program.routes)][0] for i in range(depth)]
            client.send(b"".join(map(request, asked)))
            for path in asked:
                _expect(client, server, answers[path])
            client.require_silence(0.05)
        server.stop()
    return answers


def _check_path(client: Client, server: Server, path: str, body: bytes) -> bytes:
    whole = request(path)
    client.send(whole)
    answer = client.answer()
    if answer.status != 200 or re.fullmatch(body, answer.body) is None:
        raise ServerError(f"{server.name} answers GET {path} with {answer.head + answer.body!r}")
    for end in range(len(whole) - 3, len(whole)):  # through the empty line
        client.send(whole[:end])
        client.require_silence(0.02)
        client.send(whole[end:])
        _expect(client, server, answer.without_date())
    return answer.without_date()


def _expect(client: Client, server: Server, due: bytes) -> None:
    answer = client.answer().without_date()
    if answer != due:
        raise ServerError(f"{server.name} answers {answer!r} where {due!r} was due")
