"""bench/run data: what is read from the output of others, and what a right response is."""

import re
import unittest
from unittest import mock

from measuring.data import logins, neighbours, routes, samples
from measuring.data.samples import Sample
from measuring.load.bounded_run import Load


class Losses(unittest.TestCase):
    def test_every_number_of_wrks_errors_counts(self) -> None:
        self.assertEqual(samples.losses("Non-2xx or 3xx responses: 12"), 12)
        self.assertEqual(samples.losses("Socket errors: connect 1, read 2, write 0, timeout 3"), 6)
        self.assertEqual(samples.losses("no responses"), 0)

    def test_only_what_was_served_makes_the_rate(self) -> None:
        sample = Sample(served=90, lost=10, seconds=2, server_cpu=1, postgres_cpu=1, syncs=1)
        self.assertEqual(sample.rate, 45)


class Pgbench(unittest.TestCase):
    def test_transactions_and_their_rate_are_read(self) -> None:
        text = (
            "number of transactions actually processed: 6000\n"
            "number of failed transactions: 0 (0.000%)\n"
            "latency average = 0.1 ms\ntps = 3000.5 (without initial connection time)\n"
        )
        self.assertEqual(samples.read_pgbench(text), (6000, 3000.5))

    def test_anything_else_is_an_error(self) -> None:
        self.assertRaises(ValueError, samples.read_pgbench, "pgbench: error: connection failed")


class Bodies(unittest.TestCase):
    def matches(self, route: str, body: bytes) -> bool:
        return re.fullmatch(routes.ROUTES[route].body, body, re.IGNORECASE) is not None

    def test_a_world_is_an_object_and_twenty_are_a_list(self) -> None:
        world = b'{"id":1,"randomNumber":2}'
        self.assertTrue(self.matches("db", world))
        self.assertFalse(self.matches("db", b"[" + world + b"]"))
        self.assertTrue(self.matches("queries", b"[" + b",".join([world] * 20) + b"]"))
        self.assertFalse(self.matches("queries", b"[" + b",".join([world] * 19) + b"]"))

    def test_items_have_ratings_and_a_page_has_the_fortune_of_the_request(self) -> None:
        self.assertFalse(self.matches("async-db", b'{"items":[],"count":0}'))
        self.assertTrue(self.matches("async-db", b'{"items":[{"rating":{"score":1,"count":2}}],"count":1}'))
        added = b"Additional fortune added at request time."
        self.assertTrue(self.matches("fortunes", b"<!doctype html>..." + added + b"</html>"))
        self.assertFalse(self.matches("fortunes", b"<!doctype html></html>"))


class Logins(unittest.TestCase):
    """Against a client that makes up its responses."""

    def run_with(self, *statuses: int) -> tuple[Load, list[tuple[str, bytes]]]:
        asked: list[tuple[str, bytes]] = []
        left = list(statuses)

        class Client:
            def __init__(self, port: int, source: str) -> None:
                self.source = source

            def __enter__(self) -> "Client":
                return self

            def __exit__(self, *error: object) -> None:
                pass

            def wait_for(self, seconds: float) -> None:
                pass

            def send(self, data: bytes) -> None:
                asked.append((self.source, data))

            def response(self) -> mock.Mock:
                return mock.Mock(status=left.pop(0))

        clock = mock.Mock(monotonic=mock.Mock(side_effect=[0, 0, 1, 1]))
        with (
            mock.patch.object(logins, "CLIENTS", 1),
            mock.patch.object(logins.servers, "Client", Client),
            mock.patch.object(logins, "time", clock),
        ):
            return logins.run(1, 1), asked

    def test_an_account_is_made_and_then_logged_in_to(self) -> None:
        done, asked = self.run_with(201, 200)
        self.assertEqual((done.requests, done.errors), (2, ()))
        (first, signup), (second, login) = asked
        self.assertEqual((first, second), ("127.0.1.1", "127.0.1.1"))
        self.assertTrue(signup.startswith(b"POST /api/auth/signup HTTP/1.1\r\n"))
        self.assertTrue(login.startswith(b"POST /api/auth/login HTTP/1.1\r\n"))
        email = re.findall(rb'"email": "\S+"', signup)[0]
        self.assertIn(email, login)

    def test_what_is_refused_is_an_error(self) -> None:
        done, _ = self.run_with(201, 503)
        self.assertEqual((done.requests, done.errors), (1, ("1 responses with status 503",)))


class Neighbours(unittest.TestCase):
    def felt(self, p99: float) -> neighbours.Felt:
        return neighbours.Felt({"p99": p99}, share=0.1, rounds="")

    def test_p99_is_compared_within_a_round(self) -> None:
        own, control = [self.felt(2), self.felt(3)], [self.felt(1), self.felt(6)]
        self.assertEqual(neighbours.p99_ratios(own, control), [2, 0.5])

    def test_a_status_is_a_response_and_all_else_that_fails_has_hung(self) -> None:
        errors = ["3 times no response", "40 responses with status 503", "2 times connection ended early"]
        self.assertEqual(neighbours.hung(errors), 5)
        self.assertEqual(neighbours.hung(errors[1:2]), 0)


if __name__ == "__main__":
    unittest.main()
