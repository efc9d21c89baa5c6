"""Sends cases to a server: one connection for each, many at a time, until it is closed or nothing more
arrives."""

import re
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from corpus.case import CANARY, Case, Then

AT_ONCE = 64
MOST_IN_PIECES = 20_000  # bytes of a case, more than the largest head; the rest is sent at once
QUIET_SECONDS = 5.0  # a server silent for so long waits for more; on a busy machine it may be slow
CANARY_CONTENT = b"Hello, World!"


@dataclass(frozen=True)
class Response:
    status: int
    content: bytes
    says_close: bool


@dataclass
class Observation:
    """What was received. `end` is "close" for a FIN, "reset", or "open" if neither came."""

    end: str
    responses: list[Response] = field(default_factory=list)
    junk: bytes = b""  # bytes that are no response, such as the bare content of HTTP/0.9

    @property
    def outcome(self) -> str:
        """As in the corpus; or a description of a fault that matches no case."""
        if self.junk:
            return self._statuses(self.responses) + "headless"
        canary = [response.content == CANARY_CONTENT for response in self.responses]
        if not any(canary):
            return self._statuses(self.responses) + self.end
        if canary.index(True) != len(canary) - 1:
            return f"{self._statuses(self.responses)}with responses after the canary's"
        if self.end != "close":
            return f"{self._statuses(self.responses[:-1])}keep, and then {self.end}"
        return self._statuses(self.responses[:-1]) + "keep"

    @staticmethod
    def _statuses(responses: Iterable[Response]) -> str:
        return "".join(f"{response.status} " for response in responses)


def read(data: bytes, end: str, first_is_head: bool) -> Observation:
    """Parses what a server has sent."""
    observation = Observation(end)
    rest = data
    while rest:
        head, separator, rest_after = rest.partition(b"\r\n\r\n")
        match = re.match(rb"HTTP/1\.[01] (\d{3})[ \r]", head + b"\r\n")
        if match is None or not separator:
            observation.junk = rest
            break
        status = int(match[1])
        has_none = status < 200 or status in (204, 304)
        if first_is_head and status >= 200:
            has_none, first_is_head = True, False
        content, rest = (b"", rest_after) if has_none else _take_content(head, rest_after)
        says_close = re.search(rb"(?im)^connection:[ \t]*close[ \t]*\r?$", head) is not None
        observation.responses.append(Response(status, content, says_close))
    return observation


def _take_content(head: bytes, rest: bytes) -> tuple[bytes, bytes]:
    if length := re.search(rb"(?im)^content-length:[ \t]*(\d+)[ \t]*\r?$", head):
        return rest[: int(length[1])], rest[int(length[1]) :]
    if not re.search(rb"(?im)^transfer-encoding:[ \t]*chunked[ \t]*\r?$", head):
        return rest, b""
    content = b""
    while match := re.match(rb"([0-9a-fA-F]+)\r\n", rest):
        size, rest = int(match[1], 16), rest[match.end() :]
        content, rest = content + rest[:size], rest[size + 2 :]
        if size == 0:
            break
    return content, rest


class _Conversation:
    """One case in progress."""

    def __init__(self, port: int, case: Case, piece: int) -> None:
        self.case = case
        self.end = ""
        self.received = b""
        self.piece = piece
        self.sent_size = 0
        self.unsent = memoryview(case.sent + (CANARY.encode() if case.then is Then.CANARY else b""))
        self.active_at = time.monotonic()
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self._finish_sending()

    @property
    def events(self) -> int:
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if self.unsent else 0)

    def proceed(self, events: int) -> None:
        self.active_at = time.monotonic()
        if events & selectors.EVENT_WRITE and self.unsent:
            self._send()
        if events & selectors.EVENT_READ:
            self._receive()

    def _send(self) -> None:
        try:
            in_pieces = self.sent_size < MOST_IN_PIECES
            size = self.socket.send(self.unsent[: self.piece] if in_pieces else self.unsent)
        except BlockingIOError:
            return
        except ConnectionError:  # already refused; the response can still be read
            self.unsent = self.unsent[:0]
            return
        self.sent_size += size
        self.unsent = self.unsent[size:]
        self._finish_sending()

    def _finish_sending(self) -> None:
        if self.case.then is Then.HALF_CLOSE and not self.unsent:
            self.socket.shutdown(socket.SHUT_WR)

    def _receive(self) -> None:
        try:
            data = self.socket.recv(65536)
        except BlockingIOError:
            return
        except ConnectionError:
            self.end = "reset"
            return
        self.received += data
        if not data:
            self.end = "close"

    def observation(self) -> Observation:
        return read(self.received, self.end, self.case.sent.startswith(b"HEAD "))


def hold(port: int, cases: Iterable[Case], piece: int) -> list[Observation]:
    """Sends each case in pieces of `piece` bytes, and collects the responses."""
    todo = deque(enumerate(cases))
    observations: dict[int, Observation] = {}
    with selectors.DefaultSelector() as selector:
        while todo or selector.get_map():
            while todo and len(selector.get_map()) < AT_ONCE:
                index, case = todo.popleft()
                conversation = _Conversation(port, case, piece)
                selector.register(conversation.socket, conversation.events, (index, conversation))
            for key, events in selector.select(0.2):
                index, conversation = key.data
                conversation.proceed(events)
                if not conversation.end and conversation.events != key.events:
                    selector.modify(conversation.socket, conversation.events, key.data)
            for key in list(selector.get_map().values()):
                index, conversation = key.data
                if not conversation.end and time.monotonic() - conversation.active_at > QUIET_SECONDS:
                    conversation.end = "open"
                if conversation.end:
                    observations[index] = conversation.observation()
                    selector.unregister(conversation.socket)
                    conversation.socket.close()
    return [observations[index] for index in sorted(observations)]
