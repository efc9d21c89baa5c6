"""Sends a server one piece at a time and lets it fall asleep in between, so that each wakeup finds the same
work, however busy the machine is."""

import os
import time
from itertools import count, islice
from pathlib import Path

from measuring import cpus, servers
from measuring.load import request_file
from measuring.load.request_file import RequestFile

ASLEEP_SECONDS = 10


def drive(server: servers.Server, request: str, depth: int, turns: int) -> None:
    """Each turn sends `depth` requests in one piece. All use one connection, unless they ask to close it."""
    asked = request_file.read(request)
    host = f"127.0.0.1:{server.port}"
    numbers = count(request_file.FIRST_NUMBER)
    requests = (asked.request(server.program.path, host, number) for number in numbers)
    if asked.closes:
        _on_new_connections(server, asked, list(islice(requests, turns)))
        return
    with servers.Client(server.port) as client:
        for _ in range(turns):
            piece = b"".join(islice(requests, depth))
            await_sleep(server)
            client.send(piece)
            for _ in range(depth):
                _require_response(server, asked, client)


def _on_new_connections(server: servers.Server, asked: RequestFile, requests: list[bytes]) -> None:
    for request in requests:
        await_sleep(server)
        with servers.Client(server.port) as client:
            await_sleep(server)  # it has accepted
            client.send(request)
            _require_response(server, asked, client)
            client.require_end()


def _require_response(server: servers.Server, asked: RequestFile, client: servers.Client) -> None:
    response = client.response()
    if response.status != 200 or (asked.content and response.body != asked.content):
        raise servers.ServerError(f"{server.name} responds {response.head + response.body!r}")


def await_sleep(server: servers.Server) -> None:
    """A server still polling would sometimes find the next piece, and save a wakeup."""
    deadline = time.monotonic() + ASLEEP_SECONDS
    threads = Path(f"/proc/{server.pid}/task")
    while set(states := [cpus.stat_of(str(stat))[0] for stat in threads.glob("*/stat")]) != {"S"}:
        if server.process.poll() is not None:
            status = server.process.returncode
            raise servers.ServerError(f"{server.name} has ended, status {status}: {server.report()}")
        if time.monotonic() > deadline:
            raise servers.ServerError(f"{server.name} does not fall asleep; thread states: {states}")
        os.sched_yield()
