"""What a case of the corpus is, and the pieces that cases are made of.

A case is bytes for one connection and what may come back. Text stands for bytes, one character (latin-1) each.

Outcomes are written as the statuses of the answers in their order, and how it ended:

  keep    the request behind the case, the canary, was answered as a request of its own, with 200
  close   the server closed the connection (with a FIN) and the canary was not answered
  open    neither, though nothing more came for a while

"400 close" is a refusal, "200 keep" an ordinary answer, "100 200 keep" one behind a 100 Continue, "200 404 keep"
two answers, "close" a connection closed without a word, "open" a server that waits for more. "4xx" stands for any
status from 400 to 499. A case lists, separated by "|", what the RFCs allow; the first is what chopin has to do. A
100 Continue more or less is no difference between two servers.
"""

from dataclasses import dataclass
from enum import Enum


class Then(Enum):
    """What follows the bytes of a case."""

    CANARY = "a request that must be answered only where the case ends as one does"
    SILENCE = "nothing"
    HALF_CLOSE = "the end of what the client sends"


CANARY = "GET /plaintext HTTP/1.1\r\nHost: canary\r\nConnection: close\r\n\r\n"
SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"  # what an attacker would like to be answered, with 404


@dataclass(frozen=True)
class Case:
    name: str
    rule: str  # section, and what it says
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
    """With a Host field, and what other fields are given."""
    return "\r\n".join((line, "Host: h", *fields, "", ""))


def get(*fields: str) -> str:
    return request("GET /json HTTP/1.1", *fields)


def hosted(value: str, line: str = "GET /json HTTP/1.1") -> str:
    return f"{line}\r\nHost:{value}\r\n\r\n"


def post(content: str, *fields: str) -> str:
    return request("POST /echo HTTP/1.1", *fields) + content


def chunked(content: str) -> str:
    return post(content, "Transfer-Encoding: chunked")
