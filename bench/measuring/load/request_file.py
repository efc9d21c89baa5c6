"""Requests as bytes, from the files that requests.lua reads too; it documents their format."""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "requests"
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
    fields, _, content = (FOLDER / f"{name}.http").read_text().rstrip("\n").partition("\n\n")
    head = fields.replace("\n", "\r\n") + "\r\n\r\n"
    if "\r\nTransfer-Encoding: chunked\r\n" in head:
        chunk = (content or "xx").encode()
        return RequestFile(head, b"%x\r\n%s\r\n0\r\n\r\n" % (len(chunk), chunk), chunk)
    length = re.search(r"\r\nContent-Length: (\d+)\r\n", head)
    body = (content or "x" * int(length[1] if length else 0)).encode()
    return RequestFile(head, body, body)
