"""Requests as bytes, from the files that requests.lua reads too; it documents their format."""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "requests"
NAMES = sorted(file.stem for file in FOLDER.glob("*.http"))
FIRST_NUMBER = 10_000_000


@dataclass(frozen=True)
class RequestFile:
    """One request with placeholders for path, host and number."""

    head: str
    body: bytes
    content: bytes  # the body without chunk framing

    @property
    def closes(self) -> bool:
        """Whether it asks to close the connection."""
        return "\r\nConnection: close\r\n" in self.head

    def request(self, path: str, host: str, number: int) -> bytes:
        values = {"path": path, "host": host, "number": str(number)}
        return re.sub(r"\{(\w+)\}", lambda place: values[place[1]], self.head).encode() + self.body


def read(name: str) -> RequestFile:
    head = (FOLDER / f"{name}.http").read_text().replace("\n", "\r\n") + "\r\n"
    if "\r\nTransfer-Encoding: chunked\r\n" in head:
        return RequestFile(head, b"2\r\nxx\r\n0\r\n\r\n", b"xx")
    length = re.search(r"\r\nContent-Length: (\d+)\r\n", head)
    body = b"x" * int(length[1]) if length else b""
    return RequestFile(head, body, body)
