"""What an attacking client does with its connections."""

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True)
class Habit:
    """Connects, sends `first`, then `repeat` as fast as the server takes it, then a piece of `drip` now and then."""

    connections: int
    first: bytes = b""
    repeat: bytes = b""
    repeats: int | None = None  # None: without end
    drip: bytes = b""  # from its beginning again after its end
    drip_piece: int = 1  # bytes
    drip_lines: bool = False  # a piece is a line instead
    every: float = 0.9  # seconds from one piece to the next, and from one read to the next
    together: bytes = b""  # sent by all at once as soon as all are connected
    reads: bool = True  # whatever comes, at once
    read_piece: int = 0  # bytes in a read, each `every` seconds, instead of that
    receive_buffer: int | None = None  # the kernel's
    returns: bool = False  # with a new connection when the server has ended one
    pause: float = 0.0  # seconds before it does
    leaves: bool = False  # after the first response
    resets: bool = False  # as soon as `first` is sent
    stays: bool = False  # keeps its end when the server has ended the connection

    def scaled(self, share: float) -> "Habit":
        """With fewer connections."""
        return dataclasses.replace(self, connections=max(1, int(self.connections * share)))

    def pieces(self) -> tuple[bytes, ...]:
        if self.drip_lines:
            return tuple(self.drip.splitlines(keepends=True))
        starts = range(0, len(self.drip), self.drip_piece)
        return tuple(self.drip[start : start + self.drip_piece] for start in starts)


@dataclass
class Tally:
    """What a crowd of attackers did."""

    opened: int = 0
    refused: int = 0  # connects that failed
    ended: int = 0  # by the server
    held: int = 0  # connected at the end of the attack
    sent: int = 0  # bytes
    received: int = 0

    def __str__(self) -> str:
        return f"{self.opened} opened, {self.ended} ended by the server, {self.held} held at the end"
