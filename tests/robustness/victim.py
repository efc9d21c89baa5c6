"""The server under attack: how it is started, its resources, and whether it still serves."""

import argparse
import os
import re
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "bench"))

from measuring import servers  # noqa: E402
from measuring.servers import Program, ServerError  # noqa: E402

SKIPPED = 77  # CTest's exit status for a test that cannot run here

BODY = b'{"message":"Hello, World!"}'
REQUEST = b"GET /json HTTP/1.1\r\nHost: h\r\n\r\n"
RESET = struct.pack("ii", 1, 0)  # for SO_LINGER: closing resets
WAIT_SECONDS = 30  # for a condition to become true; sanitizers are slow
IDLE_SECONDS = 0.5
MOST_IDLE_CPU = 0.3  # of a core


def parser(description: str | None) -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(description=description)
    result.add_argument(
        "--chopin",
        type=Path,
        default=ROOT / "build" / "release" / "chopin",
        metavar="PATH",
        help="the executable; default build/release/chopin",
    )
    return result


class Victim:
    """A running server and its figures from /proc."""

    def __init__(self, server: servers.Server) -> None:
        self._server = server
        self.port = server.port
        self.pid = server.pid

    def connect(self, timeout: float = 5.0) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def serves(self, timeout: float = 5.0) -> bool:
        """Whether a new client gets correct responses to two requests."""
        try:
            with self.connect(timeout) as client:
                return all(ask(client) for _ in range(2))
        except OSError:
            return False

    def require_service(self, clients: int, after: str) -> None:
        for number in range(clients):
            if not self.serves():
                raise ServerError(f"after {after} healthy client {number + 1} gets no correct response")

    def descriptors(self) -> int:
        return sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())

    def cpu_seconds(self) -> float:
        ticks = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    def require_idle(self, after: str) -> None:
        """It uses no CPU without requests; a spinning loop would use a whole core."""
        before = self.cpu_seconds()
        time.sleep(IDLE_SECONDS)  # the measured interval
        if (share := (self.cpu_seconds() - before) / IDLE_SECONDS) > MOST_IDLE_CPU:
            raise ServerError(f"after {after} it takes {share:.0%} of a core with nothing to do")

    def require_descriptors(self, expected: int) -> None:
        """Descriptors of closed connections are not leaked."""
        if not eventually(lambda: self.descriptors() <= expected):
            raise ServerError(f"{self.descriptors()} descriptors are open, but {expected} at the start")

    def report(self) -> str:
        """Its log so far."""
        return self._server.report()

    def stop(self) -> dict[str, int]:
        """Stops it, and returns its counts: requests, connections, and connections by close reason."""
        self._server.stop()
        served = re.search(r"served requests=(\d+) connections=(\d+)(.*)", self._server.report())
        if served is None:
            raise ServerError(f"no summary in the log: {self._server.report()}")
        counts = {"requests": int(served[1]), "connections": int(served[2])}
        reasons = {name: int(count) for name, count in re.findall(r"closed\.(\w+)=(\d+)", served[3])}
        if sum(reasons.values()) != counts["connections"]:
            raise ServerError(f"the reasons do not add up to the connections: {served[0]}")
        return counts | reasons


@contextmanager
def running(chopin: Path, *flags: str, prefix: tuple[str, ...] = (), **variables: str) -> Iterator[Victim]:
    """A server on a port that the kernel chooses."""
    if not chopin.is_file():
        raise ServerError(f"{chopin} is missing: build it, or give --chopin")
    command = (str(chopin.resolve()), "--port", "0", "--log-level", "info", *flags)
    program = Program("chopin", command, (), variables=(("REUSEPORT", "true"), *variables.items()))
    with servers.running(program, prefix) as server:
        yield Victim(server)


def ask(client: socket.socket) -> bool:
    """Sends one request, and checks the response byte for byte."""
    client.sendall(REQUEST)
    response = b""
    while b"\r\n\r\n" not in response or len(response.partition(b"\r\n\r\n")[2]) < len(BODY):
        piece = client.recv(4096)
        if not piece:
            return False
        response += piece
    if not response.startswith(b"HTTP/1.1 200 OK\r\n") or response.partition(b"\r\n\r\n")[2] != BODY:
        raise ServerError(f"a wrong response: {response!r}")
    return True


def told(counts: dict[str, int]) -> str:
    return " ".join(f"{name}={count}" for name, count in counts.items())


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def run(main: Callable[[], int]) -> None:
    try:
        sys.exit(main())
    except ServerError as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {error}")
