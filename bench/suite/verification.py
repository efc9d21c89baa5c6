"""Whether a server answers right, before it is timed."""

import re
from itertools import islice
from collections.abc import Iterator

import request_file
import servers
from suite.workload import Workload

FEWEST_REQUESTS = 2  # the second shows that the connection goes on


def verify(program: servers.Program, work: Workload) -> servers.Answer:
    """Asks a server of its own as the load generator will, and returns one of the answers."""
    names = [work.request] if work.requests_per_connection is None else [work.request, "close"]
    with servers.running(program) as server:
        answers = [_ask(server, work, request_file.read(name)) for name in names]
        server.stop()
    return answers[0]


def _ask(server: servers.Server, work: Workload, asked: request_file.RequestFile) -> servers.Answer:
    wanted = re.escape(asked.body) if asked.body else dict(server.program.routes)[work.path]
    requests = _requests(server, work, asked)
    if asked.closes:
        return _ask_and_see_the_end(server, next(requests), wanted)
    with servers.Client(server.port) as client:
        for _ in range(FEWEST_REQUESTS):
            client.send(b"".join(islice(requests, work.depth)))
            answers = [_right_answer(server, client, wanted) for _ in range(work.depth)]
        client.require_silence(0.02)
    return answers[0]


def _ask_and_see_the_end(server: servers.Server, request: bytes, wanted: bytes) -> servers.Answer:
    with servers.Client(server.port) as client:
        client.send(request)
        answer = _right_answer(server, client, wanted)
        client.require_end()
    return answer


def _requests(server: servers.Server, work: Workload, asked: request_file.RequestFile) -> Iterator[bytes]:
    number = request_file.FIRST_NUMBER
    while True:
        yield asked.request(work.path, f"127.0.0.1:{server.port}", number)
        number += 1


def _right_answer(server: servers.Server, client: servers.Client, wanted: bytes) -> servers.Answer:
    answer = client.answer()
    if answer.status != 200 or re.fullmatch(wanted, answer.body) is None:
        raise servers.ServerError(f"{server.name} answers {answer.head + answer.body[:200]!r}")
    return answer
