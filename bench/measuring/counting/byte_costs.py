"""Counts what input costs for each byte: with callgrind, at two sizes, and with a client that waits until the server
sleeps before it sends the next piece, so that the counts repeat."""

from dataclasses import astuple, dataclass, replace
from pathlib import Path

from measuring import servers
from measuring.counting import tracers
from measuring.counting.inputs import Kind
from measuring.counting.tracers import CALLGRIND, INSTRUCTIONS
from measuring.load import lock_step

FREE = 2000  # user instructions for each piece and each request: what they cost without any bytes of their own
LIMIT = 40  # user instructions for each byte beyond that
MOST_GROWTH = 1.25  # of the cost of a byte, when the input doubles
RESPONSE_SECONDS = 300


@dataclass(frozen=True)
class Sent:
    """What was sent, and what it cost."""

    size: int = 0  # in bytes
    requests: int = 0
    pieces: int = 0
    instructions: int = 0

    def __sub__(self, other: "Sent") -> "Sent":
        return Sent(*(own - less for own, less in zip(astuple(self), astuple(other), strict=True)))

    @property
    def per_byte(self) -> float:
        return self.instructions / self.size

    @property
    def beyond_free(self) -> float:
        """For each byte."""
        return max(0.0, (self.instructions - FREE * (self.requests + self.pieces)) / self.size)


@dataclass(frozen=True)
class Result:
    first: Sent
    second: Sent  # what twice the input costs more

    @property
    def growth(self) -> float:
        return self.second.per_byte / self.first.per_byte

    @property
    def faults(self) -> list[str]:
        is_over = max(self.first.beyond_free, self.second.beyond_free) > LIMIT
        found = {"OVER": is_over, "SUPERLINEAR": self.growth > MOST_GROWTH}
        return [fault for fault, is_found in found.items() if is_found]


def send(kind: Kind, size: int, server: servers.Server) -> Sent:
    pieces = list(kind.pieces(size)) if size else []
    with servers.Client(server.port) as client:
        client.wait_for(RESPONSE_SECONDS)
        for piece in pieces:
            lock_step.await_sleep(server)
            client.send(piece.data)
            for _ in range(piece.responses):
                response = client.response()
                if response.status != kind.status:
                    raise servers.ServerError(f"a response {response.head!r}, expected {kind.status}")
    return Sent(sum(len(piece.data) for piece in pieces), sum(piece.responses for piece in pieces), len(pieces))


def measure(kind: Kind, build_dir: Path, port: int) -> Result:
    program = servers.chopin(build_dir, port, "--log-level", "info", *kind.flags)

    def run(size: int) -> Sent:
        sent = []
        counts = tracers.trace(program, CALLGRIND, lambda server: sent.append(send(kind, size, server))).counts
        return replace(sent[0], instructions=counts[INSTRUCTIONS])

    nothing, once, twice = run(0), run(kind.size), run(2 * kind.size)
    return Result(once - nothing, twice - once)
