"""What hostile input is sent, and what is found fault with."""

import unittest

from measuring.counting.byte_costs import FREE, LIMIT, Result, Sent
from measuring.counting.inputs import KINDS


def load(instructions: int, size: int = 1000, requests: int = 1) -> Sent:
    return Sent(size, requests, 1, instructions)


class Kinds(unittest.TestCase):
    def test_send_as_much_as_they_are_told(self) -> None:
        for name, kind in KINDS.items():
            for size in (64 << 10, 256 << 10):
                with self.subTest(name, size=size):
                    sent = sum(len(piece.data) for piece in kind.pieces(size))
                    self.assertGreater(sent, size * 0.9)
                    self.assertLess(sent, size * 1.5)

    def test_expect_a_response_to_the_last_piece(self) -> None:
        for name, kind in KINDS.items():
            with self.subTest(name):
                self.assertGreater(list(kind.pieces(64 << 10))[-1].responses, 0)


class AResult(unittest.TestCase):
    def test_allows_what_is_free_and_the_limit(self) -> None:
        most = 2 * FREE + LIMIT * 1000
        self.assertEqual(Result(load(most), load(most)).faults, [])

    def test_finds_costs_over_the_limit_at_either_size(self) -> None:
        most = 2 * FREE + LIMIT * 1000
        self.assertEqual(Result(load(most + 1), load(most)).faults, ["OVER"])
        self.assertEqual(Result(load(most), load(most + 1)).faults, ["OVER"])

    def test_finds_what_grows_faster_than_its_size(self) -> None:
        self.assertEqual(Result(load(10_000), load(13_000)).faults, ["SUPERLINEAR"])


if __name__ == "__main__":
    unittest.main()
