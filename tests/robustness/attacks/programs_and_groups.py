"""Rows of slowhttptest's attacks, and of uploads to a server that may not have more than some memory."""

import math

from attacks import requests
from attacks.habit import Habit
from attacks.rows import KIB, Row, Tool, held, pending
from attacks.settings import MIB

CONNECTIONS = 1000
PER_SECOND = 500
UPLOADS = 400  # of 1 MiB each


def slowhttptest(*mode: str, path: str = "/json") -> Tool:
    def command(port: int, seconds: float) -> tuple[str, ...]:
        size = ("-c", str(CONNECTIONS), "-r", str(PER_SECOND), "-l", str(math.ceil(seconds)), "-p", "3")
        return ("slowhttptest", *mode, *size, "-u", f"http://127.0.0.1:{port}{path}", "-v", "1")

    return command


def slow(name: str, about: str, tool: Tool, each: int) -> Row:
    return Row(f"slowhttptest {name}", about, tool=tool, tool_connections=CONNECTIONS, each=each, seconds=5.0)


def uploads_into(mebibytes: int, quick_seconds: float | None = None) -> Row:
    return Row(
        f"uploads into {mebibytes} MiB",
        f"{UPLOADS} bodies of 1 MiB but a byte, in a control group of {mebibytes} MiB",
        (Habit(UPLOADS, requests.ALMOST_A_BODY, returns=True, pause=0.5),),
        each=pending(MIB),
        cgroup_bytes=mebibytes * MIB,
        quick_seconds=quick_seconds,
    )


ROWS = (
    slow("-H", "slow heads", slowhttptest("-H", "-i", "1", "-x", "10"), held(1 * KIB)),
    slow("-B", "slow bodies", slowhttptest("-B", "-i", "1", "-s", "65536", "-x", "10", path="/echo"), held(1 * KIB)),
    slow("-R", "many ranges", slowhttptest("-R", "-t", "HEAD", "-a", "10", "-b", "3000"), held(16 * KIB)),
    slow("-X", "slow readers", slowhttptest("-X", "-k", "10", "-w", "10", "-y", "20", "-n", "1", "-z", "5"), pending()),
    uploads_into(64, quick_seconds=2.5),
    uploads_into(128),
    uploads_into(256),
)
