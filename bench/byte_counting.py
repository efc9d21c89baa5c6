"""Counts what input costs for each byte: with callgrind, at two sizes, and with a client that waits until the server
sleeps before it sends the next piece, so that the counts repeat."""

from dataclasses import dataclass
from pathlib import Path

import lock_step
import servers
import tracers
from inputs import Kind
from tracers import CALLGRIND, INSTRUCTIONS

FREE = 2000  # user instructions for each piece and each request: what they cost without any bytes of their own
LIMIT = 40  # user instructions for each byte beyond that
MOST_GROWTH = 1.25  # of the cost of a byte, when the input doubles
RESPONSE_SECONDS = 300


@dataclass(frozen=True)
class Load:
    """What was sent, and what it cost."""

    size: int = 0  # in bytes
    requests: int = 0
    pieces: int = 0
    instructions: int = 0

    def __sub__(self, other: "Load") -> "Load":
        return Load(
            self.size - other.size,
            self.requests - other.requests,
            self.pieces - other.pieces,
            self.instructions - other.instructions,
        )

    @property
    def per_byte(self) -> float:
        return self.instructions / self.size

    @property
    def beyond_free(self) -> float:
        """For each byte."""
        return max(0.0, (self.instructions - FREE * (self.requests + self.pieces)) / self.size)


@dataclass(frozen=True)
class Result:
    first: Load
    second: Load  # what twice the input costs more

    @property
    def growth(self) -> float:
        return self.second.per_byte / self.first.per_byte

    @property
    def faults(self) -> list[str]:
        found = []
        if max(self.first.beyond_free, self.second.beyond_free) > LIMIT:
            found.append("OVER")
        if self.growth > MOST_GROWTH:
            found.append("SUPERLINEAR")
        return found


def send(kind: Kind, size: int, server: servers.Server) -> Load:
    sent = requests = count = 0
    with servers.Client(server.port) as client:
        client.wait_for(RESPONSE_SECONDS)
        for piece in kind.pieces(size) if size else ():
            lock_step.await_sleep(server)
            client.send(piece.data)
            for _ in range(piece.responses):
                require_status(client, kind)
            sent += len(piece.data)
            requests += piece.responses
            count += 1
    return Load(sent, requests, count)


def require_status(client: servers.Client, kind: Kind) -> None:
    response = client.response()
    if response.status != kind.status:
        raise servers.ServerError(f"a response {response.head!r}, expected {kind.status}")


def measure(kind: Kind, build_dir: Path, port: int) -> Result:
    program = servers.chopin(build_dir, port, "--log-level", "info", *kind.flags)

    def run(size: int) -> Load:
        loads = []
        counts = tracers.trace(program, CALLGRIND, lambda server: loads.append(send(kind, size, server))).counts
        load = loads[0]
        return Load(load.size, load.requests, load.pieces, counts[INSTRUCTIONS])

    nothing, once, twice = run(0), run(kind.size), run(2 * kind.size)
    return Result(once - nothing, twice - once)
