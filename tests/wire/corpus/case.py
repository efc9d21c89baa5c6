"""The format of a case of the corpus, and helpers to write cases.

A case is the bytes for one connection and the allowed outcomes. Text stands for bytes, one character (latin-1) each.

An outcome is written as the statuses of the responses in order, and how the exchange ended:

  keep    the request after the case, the canary, was served as a separate request, with 200
  close   the server closed the connection (with a FIN) without serving the canary
  open    neither, and nothing more arrived for a while

"400 close" is a refusal, "200 keep" an ordinary response, "100 200 keep" one after a 100 Continue, "200 404 keep"
two responses, "close" a connection closed without a response, "open" a server that waits for more. "4xx" stands for
any status from 400 to 499. A case lists, separated by "|", what the RFCs allow; the first is required of chopin. An
additional 100 Continue is not a difference between two servers.
"""

from dataclasses import dataclass
from enum import Enum


class Then(Enum):
    """What follows the bytes of a case."""

    CANARY = "a request that must be served only if the case is a complete request"
    SILENCE = "nothing"
    HALF_CLOSE = "the client half-closes"


CANARY = "GET /plaintext HTTP/1.1\r\nHost: canary\r\nConnection: close\r\n\r\n"
SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"  # what an attacker wants to be served, with 404


@dataclass(frozen=True)
class Case:
    name: str
    rule: str  # section, and its rule
    outcomes: tuple[str, ...]
    sent: bytes
    then: Then


@dataclass(frozen=True)
class Group:
    name: str
    cases: tuple[Case, ...]


def case(name: str, rule: str, outcomes: str, sent: str, then: Then = Then.CANARY) -> Case:
    return Case(name, rule, tuple(outcomes.split(" | ")), sent.encode("latin-1"), then)


def request(line: str, *fields: str) -> str:
    """With a Host field and the given fields."""
    return "\r\n".join((line, "Host: h", *fields, "", ""))


def get(*fields: str) -> str:
    return request("GET /json HTTP/1.1", *fields)


def hosted(value: str, line: str = "GET /json HTTP/1.1") -> str:
    return f"{line}\r\nHost:{value}\r\n\r\n"


def post(content: str, *fields: str) -> str:
    return request("POST /echo HTTP/1.1", *fields) + content


def chunked(content: str) -> str:
    return post(content, "Transfer-Encoding: chunked")
