"""Rows of heads and bodies: unfinished ones, small pieces, large documents."""

from attacks import requests
from attacks.habit import Habit
from attacks.rows import KIB, Row, held, pending
from attacks.settings import MIB, Settings

FIELDS = 996
RAISED = Settings(head_bytes=MIB, fields=1000, header_seconds=60)
LONG_HEAD = b"".join(requests.head_fields(MIB - 8 * KIB, FIELDS))

ROWS = (
    Row("none", "the healthy clients alone", quick_seconds=1.0),
    Row(
        "half heads",
        "8,000 bytes of a head without an end",
        (Habit(1000, requests.half_head(8000)),),
        each=held(8000),
        quick_seconds=1.5,
    ),
    Row(
        "heads at raised limits",
        "1 MiB of 996 fields, a field in each segment, over and over; limits of 1 MiB and 1,000 fields",
        (Habit(8, drip=LONG_HEAD, drip_lines=True, every=0.001),),
        RAISED,
        each=held(MIB),
        quick_seconds=2.0,
    ),
    Row(
        "bodies less a byte", "1 MiB but a byte to POST /echo", (Habit(200, requests.ALMOST_A_BODY),), each=pending(MIB)
    ),
    Row(
        "bodies, 64 MiB for all",
        "the same, with a limit of memory where the server has one",
        (Habit(200, requests.ALMOST_A_BODY, returns=True, pause=0.5),),
        Settings(memory_bytes=64 * MIB),
        each=pending(MIB),
        quick_seconds=2.0,
    ),
    Row(
        "chunks of 1 byte",
        "at full speed, a new connection after each refusal",
        (Habit(64, requests.CHUNKED, requests.ONE_BYTE_CHUNKS, returns=True),),
        each=pending(MIB),
        quick_seconds=1.5,
    ),
    Row(
        "JSON of 1 MiB",
        "64 clients, one document after the other",
        (Habit(64, repeat=requests.json_upload(MIB)),),
        each=pending(MIB),
        once=8 * MIB,  # a document in values while it is read
        quick_seconds=2.0,
    ),
    Row(
        "JSON of 16 MiB",
        "4 clients, one document after the other; a body may have 16 MiB",
        (Habit(4, repeat=requests.json_upload(16 * MIB)),),
        Settings(body_bytes=16 * MIB),
        each=pending(16 * MIB),
        once=MIB,  # the stacks and heaps of the pool's threads
    ),
)
