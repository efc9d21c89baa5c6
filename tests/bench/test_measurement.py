"""The order of samples, and how failing servers are handled."""

import dataclasses
import unittest
from pathlib import Path
from unittest import mock

from measuring import servers
from measuring.load.bounded_run import Finished, Generator, Load
from measuring.load.other_tools import GENERATORS
from measuring.load.workload import Workload
from measuring.progress import Progress
from measuring.report.results import ScenarioResult
from measuring.scenarios.agenda import Settings, Task
from measuring.scenarios.catalogue import BY_NAME
from measuring.scenarios.field import Contender
from measuring.scenarios.measurement import Measurement, check
from measuring.scenarios.plan import Entry, Plan
from test_verification import program

SETTINGS = Settings(quick=False, rounds=None, seconds=1, settle=0)
CEILING = 1000  # requests per second


class FakeGenerator(Generator):
    """Counts a given number of requests, and runs nothing."""

    name = "fake"

    def __init__(self) -> None:
        self.rates: list[int | None] = []
        self.ceilings: list[int] = []  # of the next runs; then CEILING

    def command(self, url: str, work: Workload, seconds: int, threads: int, body: Path) -> list[str]:
        self.rates.append(work.rate)
        return ["echo", str(work.rate or (self.ceilings.pop(0) if self.ceilings else CEILING))]

    def read(self, finished: Finished) -> Load:
        return Load(int(finished.text), 1.0, 1.0, 0.5, ())

    def lacks(self, work: Workload) -> str | None:
        return None


def contender(name: str, program: servers.Program) -> Contender:
    return Contender(dataclasses.replace(program, name=name), "composed", is_peer=True)


class Measuring(unittest.TestCase):
    def setUp(self) -> None:
        self.generator = FakeGenerator()
        patch = mock.patch.dict(GENERATORS, fake=self.generator)
        patch.start()
        self.addCleanup(patch.stop)
        self.steps: list[str] = []

    def measure(self, *entries: Entry, faults: dict[tuple[object, ...], str] | None = None) -> ScenarioResult:
        task = Task(BY_NAME["plaintext"], Plan(list(entries)), rounds=2)
        progress = mock.create_autospec(Progress, instance=True)
        progress.step.side_effect = self.steps.append
        return Measurement(task, SETTINGS, faults or {}, progress).take()

    def entry(self, name: str, server: servers.Program, share: float | None = None, rate: int | None = None) -> Entry:
        return Entry("a label", contender(name, server), Workload(share=share, rate=rate), generator="fake")

    def test_rounds_are_taken_in_turns_every_other_one_backwards(self) -> None:
        self.measure(self.entry("a", program()), self.entry("b", program()))
        self.assertEqual([step.split()[1] for step in self.steps], ["a,", "b,", "b,", "a,"])

    def test_a_row_has_a_sample_for_each_round_and_the_size_of_its_response(self) -> None:
        row = self.measure(self.entry("a", program())).rows[0]
        self.assertEqual(len(row.samples), 2)
        self.assertEqual(row.answer_bytes, len("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, World!"))

    def test_an_open_loop_asks_for_its_share_of_the_ceiling_found_before(self) -> None:
        rows = self.measure(self.entry("a", program(), share=0.7), self.entry("a", program())).rows
        self.assertEqual(self.generator.rates, [None, None, 700, 700])
        self.assertEqual(rows[0].rate, 700)

    def test_all_servers_get_the_same_share_of_the_lowest_ceiling(self) -> None:
        self.generator.ceilings = [3000, 500, 500, 3000]  # a, b, b, a
        rows = self.measure(
            *(self.entry(name, program()) for name in "ab"), *(self.entry(name, program(), share=0.5) for name in "ab")
        ).rows
        self.assertEqual([row.rate for row in rows], [None, None, 250, 250])

    def test_a_rate_that_is_given_needs_no_ceiling(self) -> None:
        row = self.measure(self.entry("a", program(), rate=123)).rows[0]
        self.assertEqual((self.generator.rates, row.rate, row.is_valid), ([123, 123], 123, True))

    def test_an_open_loop_without_a_ceiling_is_invalid(self) -> None:
        row = self.measure(self.entry("a", program(), share=0.7)).rows[0]
        self.assertIn("ceiling", row.failure or "")
        self.assertFalse(row.is_valid)

    def test_a_server_that_fails_is_invalid_and_the_others_are_measured(self) -> None:
        failing = dataclasses.replace(program(), end_status=0)
        entries = (self.entry("failing", failing), self.entry("good", program()))
        with mock.patch("measuring.load.verification.verify", return_value=servers.Response(b"", b"")):
            rows = self.measure(*entries).rows
        self.assertIn("ended with status", rows[0].failure or "")
        self.assertTrue(rows[1].is_valid)

    def test_a_peer_with_wrong_responses_is_skipped_with_what_it_said(self) -> None:
        result = self.measure(self.entry("wrong", program("Good bye")), self.entry("good", program()))
        self.assertEqual([row.server for row in result.rows], ["good"])
        self.assertEqual([skip.what for skip in result.skipped], ["wrong"])
        self.assertIn("Good bye", result.skipped[0].reason)

    def test_a_peer_that_failed_its_check_is_skipped_with_the_reason(self) -> None:
        wrong = contender("wrong", program("Good bye"))
        faults = check([wrong], self.steps.append)
        result = self.measure(Entry("a label", wrong, Workload(), generator="fake"), faults=faults)
        self.assertEqual(result.rows, [])
        self.assertIn("Good bye", result.skipped[0].reason)

    def test_a_fault_of_chopin_ends_the_run(self) -> None:
        ours = dataclasses.replace(contender("chopin", program("Good bye")), is_peer=False)
        with self.assertRaises(servers.ServerError):
            check([ours], self.steps.append)


if __name__ == "__main__":
    unittest.main()
