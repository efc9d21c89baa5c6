"""Rows of clients that do not read, that go on after a refusal, or that wait for a slow handler."""

from attacks import requests
from attacks.habit import Habit
from attacks.rows import KIB, ONE_READ, Row, pending
from attacks.settings import MIB, Settings

MANY_GETS = requests.GET * 512
SHORT_WRITES = Settings(idle_seconds=2, write_seconds=2)
LARGE = 16 * MIB

ROWS = (
    Row(
        "unread, FastRoute",
        "pipelined GET /json without end, nothing read",
        (Habit(64, repeat=MANY_GETS, reads=False),),
        each=pending(),
        quick_seconds=1.5,
    ),
    Row(
        "unread, router",
        "pipelined GET / without end, nothing read",
        (Habit(64, repeat=requests.GET_OF_ROUTER * 512, reads=False),),
        each=pending(),
    ),
    Row(
        "unread, 16 MiB",
        "16 MiB to POST /echo, over and over, nothing read; a limit of 16 MiB",
        (Habit(16, repeat=requests.upload(LARGE), reads=False),),
        Settings(body_bytes=LARGE),
        each=pending(LARGE),
    ),
    Row(
        "unread, 64 MiB for all",
        "the same, with a limit of memory where the server has one",
        (Habit(16, repeat=requests.upload(LARGE), reads=False, returns=True, pause=0.5),),
        Settings(body_bytes=LARGE, memory_bytes=64 * MIB),
        each=pending(LARGE),
        quick_seconds=2.0,
    ),
    Row(
        "unread, timed out",
        "12,000 GET /json by each of 50, nothing read; timeouts of 2 s, and then the kernel's memory is back",
        (Habit(50, requests.GET * 12_000, reads=False, receive_buffer=2048, stays=True),),
        SHORT_WRITES,
        each=pending(ONE_READ),
        seconds=10.0,
        quick_seconds=6.0,
        gives_kernel_memory_back=True,
    ),
    Row(
        "bytes after a refusal",
        "a malformed head and bytes without end, a new connection when that is closed",
        (Habit(200, requests.MALFORMED, repeat=b"x" * 64 * KIB, returns=True),),
        each=pending(),
        quick_seconds=1.5,
    ),
    Row(
        "behind a slow handler",
        "pipelined GET /json without end after a GET /db that waits for a silent database",
        (Habit(200, requests.SLOW, repeat=MANY_GETS),),
        each=pending(),
        quick_seconds=1.5,
    ),
)
