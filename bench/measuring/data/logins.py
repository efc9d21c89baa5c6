"""Clients that sign up and log in as fast as the server hashes their passwords."""

import json
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from measuring import servers
from measuring.load.bounded_run import Load

CLIENTS = 32  # less than may wait for a thread, so that none is refused
PASSWORD = "correct horse battery staple"
RESPONSE_SECONDS = 30  # longer than the server lets a password wait
_accounts = count(1)  # of this run of the benchmark: one database serves all its rounds


def run(port: int, seconds: int, cpu: int | None = None) -> Load:
    """Each client signs up and logs in by turns, on a connection of its own, from this CPU."""
    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(_ask, port, began + seconds, index, cpu) for index in range(CLIENTS)]
        statuses = sum((client.result() for client in clients), Counter[int]())
    wall = time.monotonic() - began
    wrong = tuple(f"{times} responses with status {status}" for status, times in statuses.items() if status >= 300)
    served = sum(times for status, times in statuses.items() if status < 300)
    return Load(served, wall, wall, 0.0, wrong)


def _ask(port: int, until: float, index: int, cpu: int | None) -> Counter[int]:
    """From an address of its own: the server limits the attempts of each."""
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})  # of this thread
    statuses = Counter[int]()
    with servers.Client(port, f"127.0.1.{index + 1}") as client:
        client.wait_for(RESPONSE_SECONDS)
        while time.monotonic() < until:
            name = f"user{next(_accounts)}"
            account = {"email": f"{name}@example.org", "password": PASSWORD}
            for path, body in (("signup", {"username": name, **account}), ("login", account)):
                client.send(_request(f"/api/auth/{path}", body))
                statuses[client.response().status] += 1
    return statuses


def _request(path: str, body: dict[str, str]) -> bytes:
    text = json.dumps(body)
    fields = f"Host: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(text)}"
    return f"POST {path} HTTP/1.1\r\n{fields}\r\n\r\n{text}".encode()
