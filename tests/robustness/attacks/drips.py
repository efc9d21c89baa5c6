"""Rows of clients that stay just inside every timeout: all are 1 s, 2 s for a head, and they act each 0.9 s."""

from attacks import requests
from attacks.habit import Habit
from attacks.rows import ONE_READ, Row, held, pending
from attacks.settings import ALL_OF_A_SECOND, MIB

CONNECTIONS = 500
SECONDS = 8.0
A_BODY = requests.post(MIB)
CHUNK_LINE = requests.CHUNKED + b"1;x="
TRAILERS = requests.CHUNKED + b"0\r\nX: "


def dripped(name: str, about: str, habit: Habit, each: int, quick_seconds: float | None = None) -> Row:
    return Row(name, about, (habit,), ALL_OF_A_SECOND, each, seconds=SECONDS, quick_seconds=quick_seconds)


ROWS = (
    dripped(
        "dripped heads",
        "a byte each 0.9 s, a new connection after each refusal",
        Habit(CONNECTIONS, requests.half_head(200), drip=b"x", returns=True),
        held(210),
    ),
    dripped(
        "dripped bodies",
        "a byte each 0.9 s, a body of 1 MiB announced",
        Habit(CONNECTIONS, A_BODY, drip=b"x"),
        held(len(A_BODY) + 10),
        quick_seconds=2.5,
    ),
    dripped(
        "dripped chunk lines",
        "a byte of an extension each 0.9 s, a new connection after each refusal",
        Habit(CONNECTIONS, CHUNK_LINE, drip=b"x", returns=True),
        held(len(CHUNK_LINE) + 10),
    ),
    dripped(
        "dripped trailers",
        "a byte each 0.9 s, a new connection after each refusal",
        Habit(CONNECTIONS, TRAILERS, drip=b"x", returns=True),
        held(len(TRAILERS) + 10),
    ),
    dripped(
        "requests now and then",
        "one each 0.9 s on a kept connection",
        Habit(CONNECTIONS, requests.GET, drip=requests.GET, drip_piece=4096),
        held(len(requests.GET)),
    ),
    dripped(
        "dripped reading",
        "12,000 GET /json at once, 3,000 bytes of their responses read each 0.9 s",
        Habit(100, requests.GET * 12_000, reads=False, read_piece=3000, receive_buffer=2048),
        pending(ONE_READ),
        quick_seconds=2.5,
    ),
)
