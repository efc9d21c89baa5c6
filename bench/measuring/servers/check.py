"""Whether a server responds correctly, and how two responses differ."""

import email.utils
import re
import time
from datetime import UTC, datetime, timedelta

from measuring.servers.client import Client, Response, request
from measuring.servers.program import Exemption, Program, ServerError
from measuring.servers.running import Server, running

DATE_SECONDS = 2.2  # for a date to move: it shows seconds, and a server may read its clock once a second

Responses = dict[str, bytes]  # by path, dates masked


def check(program: Program, depth: int) -> Responses:
    """Starts a server and requests each path in one piece, in two pieces and with HEAD, then all paths in turn
    in one piece of `depth` requests, which shows the order. All responses to a path must be the same except for the
    date, which must be right and must move."""
    with running(program) as server:
        with Client(server.port) as client:
            responses = {path: _check_path(client, server, path, body) for path, body in program.routes}
            asked = [program.routes[i % len(program.routes)][0] for i in range(depth)]
            client.send(b"".join(map(request, asked)))
            for path in asked:
                _expect(client, server, responses[path])
            client.require_silence(0.05)
            _check_date(client, server)
        server.stop()
    return responses


def _check_path(client: Client, server: Server, path: str, body: bytes) -> bytes:
    response = client.get(path)
    if response.status != 200 or re.fullmatch(body, response.body) is None:
        raise ServerError(f"{server.name} responds to GET {path} with {response.head + response.body!r}")
    exemptions, due = server.program.exemptions, response.without_date()
    if Exemption.PIECES not in exemptions:
        whole = request(path)
        for end in range(len(whole) - 3, len(whole)):  # through the empty line
            client.send(whole[:end])
            client.require_silence(0.02)
            client.send(whole[end:])
            _expect(client, server, due)
    if Exemption.HEAD not in exemptions:
        _check_head(client, server, path, response)
        _expect(client, server, due)
    return due


def _check_head(client: Client, server: Server, path: str, due: Response) -> None:
    """Followed by a GET: a body would come before the response to that."""
    client.send(request(path, "HEAD") + request(path))
    heads = [Response(response.head, b"").without_date() for response in (client.response("HEAD"), due)]
    if Exemption.HEAD_LENGTH in server.program.exemptions:
        heads = [re.sub(rb"(?im)^(Content-Length): \d+\r$", rb"\1: ...\r", head) for head in heads]
    if heads[0] != heads[1]:
        raise ServerError(f"{server.name} responds to HEAD {path} with {heads[0]!r}, expected {heads[1]!r}")


def _check_date(client: Client, server: Server) -> None:
    """Sends requests without a pause, as a load generator does: chopin-core 0.5 reads the clock once in 4096 turns
    of its event loop."""
    first = last = client.get(server.program.path).date
    deadline = time.monotonic() + DATE_SECONDS
    while last == first:
        if time.monotonic() > deadline:
            raise ServerError(f"{server.name} still says {first} after {DATE_SECONDS} s")
        last = client.get(server.program.path).date
    off = abs(email.utils.parsedate_to_datetime(last) - datetime.now(UTC))
    if off > timedelta(seconds=DATE_SECONDS):
        raise ServerError(f"{server.name} says that it is {last}, which is off by {off}")


def _expect(client: Client, server: Server, due: bytes) -> None:
    response = client.response().without_date()
    if response != due:
        raise ServerError(f"{server.name} responds {response!r}, expected {due!r}")


Fields = dict[str, tuple[str, str]]  # by lower-case name: the name as spelt, and the value


def _parts(response: bytes) -> tuple[str, Fields, bytes]:
    head, _, body = response.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(":") for line in lines]
    return status_line, {name.lower(): (name, value.strip()) for name, _, value in pairs}, body


def differences(response: bytes, reference: bytes) -> list[str]:
    """What only one of `response` and `reference` has. Empty if they are equal."""
    status_line, given, body = _parts(response)
    due_status_line, due, due_body = _parts(reference)
    common = [name for name in given if name in due]
    found = [status_line] if status_line != due_status_line else []
    for name, (spelt, value) in given.items():
        if name not in due or value != due[name][1]:
            found.append(f"{spelt}: {value}")
    found += [f"no {spelt}" for name, (spelt, _) in due.items() if name not in given]
    if common != [name for name in due if name in given]:
        found.append("fields in another order")
    respelt = [given[name][0] for name in common if given[name][0] != due[name][0]]
    if respelt:
        found.append(f"spelt {', '.join(respelt)}")
    return found + (["another body"] if body != due_body else [])
