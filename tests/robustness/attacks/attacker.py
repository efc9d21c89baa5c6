"""One connection of an attacker."""

import errno
import socket
import struct
import sys
from collections.abc import Iterator

from attacks.habit import Habit, Tally

SOURCES = 16  # addresses: one would run out of ports
BIND_WITHOUT_PORT = getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24)
RESET = struct.pack("ii", 1, 0)  # for SO_LINGER: closing resets
MOST_SENT = 65536  # bytes at once: the others must have their turn


class Attacker:
    def __init__(self, habit: Habit, pieces: tuple[bytes, ...], port: int, number: int, tally: Tally) -> None:
        self.habit = habit
        self._pieces = pieces
        self._tally = tally
        self._parts = self._all_parts()
        self._unsent = memoryview(b"")
        self.connected = False
        self.ended = False
        self._next_piece = 0
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_IP, BIND_WITHOUT_PORT, 1)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if habit.receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, habit.receive_buffer)
        self.socket.bind((f"127.1.0.{1 + number % SOURCES}", 0))
        refusal = self.socket.connect_ex(("127.0.0.1", port))
        self._refusal = 0 if refusal == errno.EINPROGRESS else refusal

    def _all_parts(self) -> Iterator[bytes]:
        yield self.habit.first
        if self.habit.repeat:
            for _ in range(sys.maxsize if self.habit.repeats is None else self.habit.repeats):
                yield self.habit.repeat

    @property
    def descriptor(self) -> int:
        return self.socket.fileno()

    def has_something_to_send(self) -> bool:
        while not self._unsent:
            part = next(self._parts, None)
            if part is None:
                return False
            self._unsent = memoryview(part)
        return True

    def say(self, data: bytes) -> None:
        """Sent next, unless something is unsent."""
        if not self._unsent:
            self._unsent = memoryview(data)

    def say_next_piece(self) -> None:
        self.say(self._pieces[self._next_piece % len(self._pieces)])
        self._next_piece += 1

    def send(self) -> bool:
        """As much as fits, up to MOST_SENT. False if the server has ended the connection."""
        try:
            sent = self.socket.send(self._unsent[:MOST_SENT])
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._tally.sent += sent
        self._unsent = self._unsent[sent:]
        return True

    def read(self, size: int) -> bool | None:
        """Whether something came; None if the server has ended the connection."""
        try:
            received = len(self.socket.recv(size))
        except BlockingIOError:
            return False
        except OSError:
            return None
        self._tally.received += received
        return True if received else None

    def failed_to_connect(self) -> bool:
        return self._refusal != 0 or self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0

    def close(self, reset: bool) -> None:
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.socket.close()
