"""A server to be started: its command, and what it has to respond."""

import enum
import os
import re
from dataclasses import dataclass, replace

CHOPIN = "chopin"
FLOOR = "floor"
PATH = "/plaintext"
HELLO = b"Hello, World!"
JSON_PATH = "/json"
JSON = b'{"message":"Hello, World!"}'
SUM_PATH = "/baseline11"
SUMS = (("sum", b"55"), ("sum-post", b"75"), ("sum-post-chunked", b"75"))
PRODUCTS_PATH = "/products"
HELLO_ROUTES = ((PATH, HELLO), (JSON_PATH, re.escape(JSON)))
SUM_ROUTES = ((SUM_PATH, b"0"),)  # without a query
PRODUCT_ROUTES = ((PRODUCTS_PATH, rb"\[\]"),)  # there are none: what is posted is only sent back
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


class ServerError(Exception):
    """A server did not start, respond or stop as it should."""


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
    bodies: tuple[tuple[str, bytes], ...] = ()  # the same as `routes` for some of requests/
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
        command = tuple(word.replace(PORT, str(port)) for word in self.command)
        return replace(
            self, command=command, files=tuple((path, text.replace(PORT, str(port))) for path, text in self.files)
        )

    def with_variables(self, **variables: str) -> "Program":
        return replace(self, variables=(*self.variables, *variables.items()))
