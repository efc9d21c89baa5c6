"""Tests that only servers with correct responses are timed."""

import dataclasses
import sys
import unittest
from unittest import mock

from measuring import servers
from measuring.load import verification
from measuring.load.workload import Workload

# Responds to every empty line; the arguments say with which body, and whether it closes.
SERVER = r"""
import socket, sys
body, closes = sys.argv[1].encode(), sys.argv[2] == "closes"
listener = socket.create_server(("127.0.0.1", 0))
print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
while True:
    client, _ = listener.accept()
    data = b""
    while piece := client.recv(65536):
        data += piece
        while b"\r\n\r\n" in data:
            head, _, data = data.partition(b"\r\n\r\n")
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        if closes and b"Connection: close" in head:
            break
    client.close()
"""


def program(body: str = "Hello, World!", closes: bool = True) -> servers.Program:
    command = (sys.executable, "-c", SERVER, body, "closes" if closes else "keeps")
    return servers.Program("fake", command, servers.HELLO_ROUTES, end_status=-15)


class Verification(unittest.TestCase):
    def test_correct_responses_are_accepted_and_returned(self) -> None:
        for work in (Workload(), Workload(depth=16), Workload(request="close"), Workload(requests_per_connection=10)):
            with self.subTest(work=work):
                self.assertEqual(verification.verify(program(), work).body, b"Hello, World!")

    def test_varied_and_long_heads_are_asked_for_as_they_will_be(self) -> None:
        for request in ("plain-varied", "browser", "browser-varied"):
            with self.subTest(request):
                self.assertEqual(verification.verify(program(), Workload(request=request, depth=16)).status, 200)

    def test_another_body_is_refused(self) -> None:
        with self.assertRaisesRegex(servers.ServerError, "Good bye"):
            verification.verify(program("Good bye"), Workload())

    def test_every_request_of_a_turn_must_get_the_body_that_the_program_promises_for_it(self) -> None:
        work = Workload(path="/baseline11", request="sum", more_requests=("sum-post",))
        for promised, fault in (("55", None), ("75", "55")):
            bodies = (("sum", b"55"), ("sum-post", promised.encode()))
            asked = dataclasses.replace(program("55"), routes=servers.SUM_ROUTES, bodies=bodies)
            with self.subTest(promised):
                if fault is None:
                    self.assertEqual(verification.verify(asked, work).body, b"55")
                else:
                    with self.assertRaisesRegex(servers.ServerError, fault):
                        verification.verify(asked, work)

    def test_a_server_that_takes_a_wrong_body_is_refused(self) -> None:
        work = Workload(path="/baseline11", request="sum-post")
        takes_all = dataclasses.replace(program("55"), bodies=(("sum-post", b"55"),))
        self.assertEqual(verification.verify(takes_all, work).body, b"55")
        with self.assertRaisesRegex(servers.ServerError, "responds to b'x'"):
            verification.verify(dataclasses.replace(takes_all, faults=((b"20", b"x"),)), work)

    def test_a_wrong_echo_is_refused(self) -> None:
        with self.assertRaises(servers.ServerError):
            verification.verify(program(), Workload(path="/echo", request="echo-1k"))

    @mock.patch("measuring.servers.client.RESPONSE_SECONDS", 0.3)
    def test_a_server_that_keeps_open_a_connection_to_be_closed_is_refused(self) -> None:
        for work in (Workload(request="close"), Workload(requests_per_connection=10)):
            with self.subTest(work=work), self.assertRaisesRegex(servers.ServerError, "is still open"):
                verification.verify(program(closes=False), work)


if __name__ == "__main__":
    unittest.main()
