"""One connection to a server, and its responses."""

import re
import socket
from contextlib import suppress
from dataclasses import dataclass

from measuring.servers.program import PATH, ServerError

RESPONSE_SECONDS = 10


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

    def __exit__(self, *error: object) -> None:
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

    def get(self, path: str = PATH) -> Response:
        self.send(request(path))
        return self.response()

    def require_silence(self, seconds: float) -> None:
        self._socket.settimeout(seconds)
        with suppress(TimeoutError):
            self._input += self._socket.recv(4096)
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
