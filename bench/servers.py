"""The servers that the benchmarks measure: how they are started, asked, checked and stopped."""

import dataclasses
import email.utils
import enum
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import IO

PATH = "/plaintext"
HELLO = b"Hello, World!"
JSON_PATH = "/json"
JSON = b'{"message":"Hello, World!"}'
SUM_PATH = "/baseline11"
SUMS = (("sum", b"55"), ("sum-post", b"75"), ("sum-post-chunked", b"75"))
PRODUCTS_PATH = "/products"
GUARDED_PATH = "/me"  # of chopin_typed; the other sends the same without a guard
OPEN_PATH = "/open"
# Parts of requests/product.http, and what breaks a rule in their place.
PRODUCT_FAULTS = (
    (b'"id":4711', b'"id":0'),
    (b'"id":4711', b'"id":"4711"'),
    (b'"name":"A product of the catalogue"', b'"name":""'),
    (b'"price":12.75', b'"price":-0.5'),
    (b'"stock":42', b'"stock":100001'),
    (b'"active":true,', b""),
    (b'"state":"listed"', b'"state":"lost"'),
    (b"somebody@", b"somebody"),
    (b"2026-01-31", b"2026-02-31"),
    (b'"new"]', b'"new",""]'),
    (b'"stock":42', b'"stock":42,"colour":"red"'),
    (b'"new"]}', b'"new"]}}'),
)
DEEPEST = 16  # requests in one piece
PORT = "@PORT@"  # in the command and files of a program that does not choose its own port

START_SECONDS = 30  # valgrind takes a while
START_ATTEMPTS = 5  # a free port may have been taken meanwhile
START_CONNECTIONS = 32
STOP_SECONDS = 30
RESPONSE_SECONDS = 10
DATE_SECONDS = 2.2  # for a date to move: it shows seconds, and a server may read its clock once a second


class ServerError(Exception):
    """A server did not start, respond or stop as it should."""


@dataclass(frozen=True)
class Mode:
    """How chopin responds: what it reports about itself, and the environment variables that select it."""

    name: str
    response_class: str
    variables: tuple[tuple[str, str], ...] = ()


PREBUILT = Mode("performance", "prebuilt", (("REUSEPORT", "true"),))
COMPOSED = Mode("performance", "composed", (("REUSEPORT", "true"), ("FAST_ROUTES", "composed")))
STANDARD = Mode("standard", "composed")


class Exemption(enum.Enum):
    """A known fault of a program that does not invalidate its measured responses."""

    HEAD = "HEAD gets the same response as GET, with the body"
    HEAD_LENGTH = "the response to HEAD has a different Content-Length from that to GET"
    PIECES = "a head in pieces gets its response before its end, or is refused"


@dataclass(frozen=True)
class Program:
    """A server to be started, and the path that it is measured by."""

    name: str
    command: tuple[str, ...]
    routes: tuple[tuple[str, bytes], ...]  # path, and a pattern that its response bodies match
    path: str = PATH
    variables: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()  # paths in the folder that it starts in, and what they hold
    bodies: tuple[tuple[str, bytes], ...] = ()  # the same for some of requests/
    faults: tuple[tuple[bytes, bytes], ...] = ()  # parts of the bodies, and what makes 4xx of the response
    exemptions: tuple[Exemption, ...] = ()  # from `check`
    end_status: int = 0  # after SIGTERM

    @property
    def environment(self) -> dict[str, str]:
        """Only the search path is inherited: the caller's other settings must not reach the server."""
        return {"PATH": os.environ.get("PATH", os.defpath), **dict(self.variables)}

    @property
    def chooses_its_port(self) -> bool:
        """If so, it prints the port on stdout."""
        return not any(PORT in text for text in (*self.command, *dict(self.files).values()))

    def on_port(self, port: int) -> "Program":
        def told(text: str) -> str:
            return text.replace(PORT, str(port))

        files = tuple((path, told(content)) for path, content in self.files)
        return dataclasses.replace(self, command=tuple(map(told, self.command)), files=files)


HELLO_ROUTES = ((PATH, HELLO), (JSON_PATH, re.escape(JSON)))
SUM_ROUTES = ((SUM_PATH, b"0"),)  # without a query
PRODUCT_ROUTES = ((PRODUCTS_PATH, rb"\[\]"),)  # there are none: what is posted is only sent back


def floor(build_dir: Path, port: int) -> Program:
    command = (_executable(build_dir / "bench" / "chopin_floor"), str(port))
    return Program("floor", command, ((PATH, HELLO),), exemptions=(Exemption.HEAD,))


def floor_of_sums(build_dir: Path, port: int) -> Program:
    """It cannot add, and always responds with the same sum."""
    plaintext = floor(build_dir, port)
    bodies = tuple((request, b"55") for request, _ in SUMS)
    return dataclasses.replace(
        plaintext,
        command=(*plaintext.command, "sum"),
        routes=((SUM_PATH, b"55"),),
        path=SUM_PATH,
        bodies=bodies,
    )


def arena(build_dir: Path, port: int, name: str = "chopin") -> Program:
    """A program on chopin's library."""
    command = (_executable(build_dir / "bench" / "chopin_arena"), str(port))
    return Program(name, command, SUM_ROUTES, SUM_PATH, bodies=SUMS)


def typed(build_dir: Path, port: int, path: str = PRODUCTS_PATH, name: str = "chopin") -> Program:
    """A program on chopin's library, with declared routes."""
    command = (_executable(build_dir / "bench" / "chopin_typed"), str(port))
    me = rb'\{"id":"[0-9a-f-]{36}"\}'
    routes = (*PRODUCT_ROUTES, (OPEN_PATH, me))
    return Program(name, command, routes, path, bodies=(("bearer", me),), faults=PRODUCT_FAULTS)


def chopin(
    build_dir: Path,
    port: int,
    *flags: str,
    name: str = "chopin",
    mode: Mode = PREBUILT,
    path: str = PATH,
    workers: int = 1,
    environment: str = "production",
) -> Program:
    """A single worker is pinned from outside, like the floor. In production there are neither request ids nor
    a request log."""
    fixed = ("--port", str(port), "--workers", str(workers), "--pin-cpus", "true" if workers > 1 else "false")
    command = (_executable(build_dir / "chopin"), *fixed, *flags)
    welcome = rf'\{{"name":"chopin",.*"mode":"{mode.name}","class":"{mode.response_class}",.*\}}'
    routes = (*HELLO_ROUTES, ("/", welcome.encode()))
    return Program(name, command, routes, path, (*mode.variables, ("ENVIRONMENT", environment)))


def _executable(path: Path) -> str:
    if not path.is_file():
        raise ServerError(f"{path} is missing: build a preset with CHOPIN_BENCH=ON, or give --build-dir")
    return str(path.resolve())


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
        return f"http://127.0.0.1:{self.port}{self.program.path}"

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
        port = _free_port()
        with _started(program.on_port(port), prefix) as server:
            if _responds(server, port):
                server.port = port
                yield server
                return
            if not attempts_left:
                raise _failed_to_start(server)


@contextmanager
def _started(
    program: Program, prefix: tuple[str, ...], stdout: int = subprocess.DEVNULL
) -> Iterator[Server]:
    """In its own process group, so that its workers are killed with it."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as stderr:
        _write_files(program, Path(folder))
        try:
            process = subprocess.Popen(
                prefix + program.command,
                cwd=folder,
                env=program.environment,
                stdout=stdout,
                stderr=stderr,
                process_group=0,
            )
        except OSError as error:
            raise ServerError(f"{program.name} cannot be started: {error}") from error
        try:
            yield Server(program, process, stderr)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def _write_files(program: Program, folder: Path) -> None:
    folder.chmod(0o755)  # a server started as root reads it as another user
    for name, content in program.files:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)


def _failed_to_start(server: Server) -> ServerError:
    server.process.wait()
    return ServerError(f"{server.name} does not start: {server.report()}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


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


def _says_nothing(server: Server) -> ServerError:
    return ServerError(f"{server.name} does not serve within {START_SECONDS} s: {server.report()}")


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


@dataclass(frozen=True)
class Response:
    head: bytes
    body: bytes

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])

    @property
    def date(self) -> str:
        found = re.search(rb"(?im)^Date: (.{29})\r$", self.head)
        if found is None:
            raise ServerError(f"a response without a date: {self.head!r}")
        return found[1].decode("latin-1")

    def without_date(self) -> bytes:
        """Of unchanged length: the date is masked."""
        return re.sub(rb"(?im)^(Date): .{29}\r$", rb"\1: " + b"." * 29 + b"\r", self.head) + self.body


class Client:
    """One connection. Reads responses that have a Content-Length."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self._socket = socket.socket()
        self._socket.settimeout(RESPONSE_SECONDS)
        # Otherwise the port would be chosen before the destination is known, and could serve only one.
        self._socket.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.bind((source, 0))
        self._input = b""
        try:
            self._socket.connect(("127.0.0.1", port))
        except OSError:
            self._socket.close()
            raise

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def wait_for(self, seconds: float) -> None:
        """How long a response may take."""
        self._socket.settimeout(seconds)

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def response(self, method: str = "GET") -> Response:
        while b"\r\n\r\n" not in self._input:
            self._receive()
        head, _, self._input = self._input.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        has_body = method != "HEAD" and b" 204 " not in head[:16]
        if has_body and length is None:
            raise ServerError(f"a response without Content-Length: {head!r}")
        size = int(length[1]) if has_body and length else 0
        while len(self._input) < size:
            self._receive()
        body, self._input = self._input[:size], self._input[size:]
        return Response(head + b"\r\n\r\n", body)

    def require_silence(self, seconds: float) -> None:
        self._socket.settimeout(seconds)
        try:
            self._input += self._socket.recv(4096)
        except TimeoutError:
            pass
        self._socket.settimeout(RESPONSE_SECONDS)
        if self._input:
            raise ServerError(f"unexpected data: {self._input!r}")

    def require_end(self) -> None:
        """The server closes the connection without sending anything more."""
        try:
            rest = self._input + self._socket.recv(4096)
        except TimeoutError:
            raise ServerError("the connection is still open, but should be closed") from None
        if rest:
            raise ServerError(f"{rest!r} instead of the end of the connection")

    def _receive(self) -> None:
        piece = self._socket.recv(65536)
        if not piece:
            raise ServerError(f"the connection ended after {self._input!r}")
        self._input += piece


def request(path: str = PATH, method: str = "GET") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def version_of(program: Program) -> list[str]:
    """The lines of its --version."""
    command = [program.command[0], "--version"]
    done = subprocess.run(command, env=program.environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


Responses = dict[str, bytes]  # by path, dates masked


def check(program: Program, depth: int) -> Responses:
    """Starts a server and requests each path in one piece, in two pieces and with HEAD, then all paths in turn
    in one piece of `depth` requests, which shows the order. All responses to a path must be the same except for the
    date, which must be right and must move."""
    with running(program) as server:
        with Client(server.port) as client:
            responses = {path: _check_path(client, server, path, body) for path, body in program.routes}
            asked = [program.routes[i % len(program.routes)][0] for i in range(depth)]
            client.send(b"".join(map(request, asked)))
            for path in asked:
                _expect(client, server, responses[path])
            client.require_silence(0.05)
            _check_date(client, server)
        server.stop()
    return responses


def _check_path(client: Client, server: Server, path: str, body: bytes) -> bytes:
    client.send(request(path))
    response = client.response()
    if response.status != 200 or re.fullmatch(body, response.body) is None:
        raise ServerError(f"{server.name} responds to GET {path} with {response.head + response.body!r}")
    exemptions = server.program.exemptions
    if Exemption.PIECES not in exemptions:
        _check_pieces(client, server, path, response)
    if Exemption.HEAD not in exemptions:
        _check_head(client, server, path, response)
    return response.without_date()


def _check_pieces(client: Client, server: Server, path: str, due: Response) -> None:
    whole = request(path)
    for end in range(len(whole) - 3, len(whole)):  # through the empty line
        client.send(whole[:end])
        client.require_silence(0.02)
        client.send(whole[end:])
        _expect(client, server, due.without_date())


def _check_head(client: Client, server: Server, path: str, due: Response) -> None:
    """Followed by a GET: a body would come before the response to that."""
    client.send(request(path, "HEAD") + request(path))
    head, due_head = (_comparable(server, response.head) for response in (client.response("HEAD"), due))
    if head != due_head:
        raise ServerError(f"{server.name} responds to HEAD {path} with {head!r}, expected {due_head!r}")
    _expect(client, server, due.without_date())


def _comparable(server: Server, head: bytes) -> bytes:
    if Exemption.HEAD_LENGTH in server.program.exemptions:
        head = re.sub(rb"(?im)^(Content-Length): \d+\r$", rb"\1: ...\r", head)
    return Response(head, b"").without_date()


def _check_date(client: Client, server: Server) -> None:
    """Sends requests without a pause, as a load generator does: chopin-core 0.5 reads the clock once in 4096 turns
    of its event loop."""

    def date() -> str:
        client.send(request(server.program.path))
        return client.response().date

    first = last = date()
    deadline = time.monotonic() + DATE_SECONDS
    while last == first:
        if time.monotonic() > deadline:
            raise ServerError(f"{server.name} still says {first} after {DATE_SECONDS} s")
        last = date()
    off = abs(email.utils.parsedate_to_datetime(last) - datetime.now(UTC))
    if off > timedelta(seconds=DATE_SECONDS):
        raise ServerError(f"{server.name} says that it is {last}, which is off by {off}")


def _expect(client: Client, server: Server, due: bytes) -> None:
    response = client.response().without_date()
    if response != due:
        raise ServerError(f"{server.name} responds {response!r}, expected {due!r}")
