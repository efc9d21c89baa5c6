"""Checks that a server responds correctly to a workload, before it is timed."""

import re
from collections.abc import Iterator
from itertools import count, islice

from measuring import servers
from measuring.load import request_file
from measuring.load.request_file import RequestFile
from measuring.load.workload import Workload

FEWEST_REQUESTS = 2  # the second shows that the connection is kept open


def verify(program: servers.Program, work: Workload) -> servers.Response:
    """Starts a server, sends requests as the load generator will, and returns one of the responses."""
    names = work.requests if work.requests_per_connection is None else (*work.requests, "close")
    with servers.running(program) as server:
        responses = [_ask(server, work, name) for name in names]
        for fault in program.faults:
            _require_refusal(server, work, fault)
        server.stop()
    return responses[0]


def _require_refusal(server: servers.Server, work: Workload, fault: tuple[bytes, bytes]) -> None:
    """Of the request with a wrong body, on a connection that the server may close."""
    right = work.asked
    body = right.body.replace(*fault)
    if body == right.body:
        return
    head = right.head.replace(f"Content-Length: {len(right.body)}", f"Content-Length: {len(body)}")
    with servers.Client(server.port) as client:
        client.send(next(_requests(server, work, RequestFile(head, body, body))))
        response = client.response()
    if not 400 <= response.status <= 499:
        raise servers.ServerError(f"{server.name} responds to {fault[1]!r} with {response.head!r}")


def _ask(server: servers.Server, work: Workload, name: str) -> servers.Response:
    asked = request_file.read(name)
    wanted = _wanted(server.program, work.path, name, asked.content)
    requests = _requests(server, work, asked)
    turns, depth = (1, 1) if asked.closes else (FEWEST_REQUESTS, work.depth)
    with servers.Client(server.port) as client:
        for _ in range(turns):
            client.send(b"".join(islice(requests, depth)))
            responses = [_right_response(server, client, wanted) for _ in range(depth)]
        if asked.closes:
            client.require_end()
        else:
            client.require_silence(0.02)
    return responses[0]


def _wanted(program: servers.Program, path: str, name: str, content: bytes) -> bytes:
    """A pattern of the body: what is posted comes back, unless the program says otherwise."""
    bodies = dict(program.bodies)
    if name in bodies:
        return bodies[name]
    return re.escape(content) if content else dict(program.routes)[path]


def _requests(server: servers.Server, work: Workload, asked: RequestFile) -> Iterator[bytes]:
    host = f"127.0.0.1:{server.port}"
    return (asked.request(work.path, host, number) for number in count(request_file.FIRST_NUMBER))


def _right_response(server: servers.Server, client: servers.Client, wanted: bytes) -> servers.Response:
    response = client.response()
    if response.status != 200 or re.fullmatch(wanted, response.body) is None:
        raise servers.ServerError(f"{server.name} responds {response.head + response.body[:200]!r}")
    return response
