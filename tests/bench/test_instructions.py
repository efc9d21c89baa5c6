"""How counts are taken, and how they compare with a baseline."""

import shutil
import socket
import tempfile
import threading
import unittest
from contextlib import suppress
from itertools import count, islice
from pathlib import Path

from measuring.counting import baseline, rows, tracers
from measuring.counting.baseline import Baseline, BaselineError, compare
from measuring.counting.tracers import INSTRUCTIONS, Costs, Run
from measuring.load import request_file
from measuring.load.workload import Workload
from measuring.load.wrk import WRK

GNU = {"compiler": "GNU 12.2.0", "boost": "1.81.0"}
CLANG = {"compiler": "Clang 19.1.7", "boost": "1.81.0"}


def costs(instructions: float, **calls: float) -> Costs:
    return {INSTRUCTIONS: instructions, **calls}


def only(build: dict[str, str] = GNU, **all_costs: Costs) -> Baseline:
    return Baseline(build, all_costs)


class ABaseline(unittest.TestCase):
    def test_accepts_what_it_holds(self) -> None:
        then = only(plain=costs(1000, recvfrom=1), welcome=costs(2000, recvfrom=1))
        self.assertEqual(compare(then, then).status, 0)
        self.assertEqual(compare(then, then).changes, ())

    def test_accepts_two_percent_either_way(self) -> None:
        then = only(plain=costs(1000), welcome=costs(1000))
        self.assertEqual(compare(then, only(plain=costs(1020), welcome=costs(980))).changes, ())

    def test_refuses_more_instructions_and_says_how_many_and_where(self) -> None:
        found = compare(only(plain=costs(1000)), only(plain=costs(1050)))
        self.assertEqual(found.status, baseline.WORSE)
        self.assertEqual(
            [str(change) for change in found.worse],
            ["plain: 1,050 user instructions per request, 5.0% more than 1,000"],
        )

    def test_can_be_tightened_after_fewer_instructions(self) -> None:
        found = compare(only(plain=costs(1000)), only(plain=costs(900)))
        self.assertEqual(found.status, 0)
        self.assertEqual(
            [str(change) for change in found.better],
            ["plain: 900 user instructions per request, 10.0% less than 1,000"],
        )

    def test_does_not_weigh_a_better_row_against_a_worse_one(self) -> None:
        found = compare(only(a=costs(1000), b=costs(1000)), only(a=costs(500), b=costs(1021)))
        self.assertEqual([change.row for change in found.better], ["a"])
        self.assertEqual([change.row for change in found.worse], ["b"])
        self.assertEqual(found.status, baseline.WORSE)

    def test_refuses_another_system_call(self) -> None:
        found = compare(only(plain=costs(1000, recvfrom=1)), only(plain=costs(1000, recvfrom=1.1)))
        self.assertEqual([change.cost for change in found.worse], ["recvfrom"])

    def test_refuses_a_system_call_that_it_has_not_seen(self) -> None:
        found = compare(only(plain=costs(1000)), only(plain=costs(1000, **{"recvfrom, failed": 1})))
        self.assertEqual(
            [str(change) for change in found.worse], ["plain: 1 recvfrom, failed per request, more than 0"]
        )

    def test_can_be_tightened_after_a_system_call_is_gone(self) -> None:
        found = compare(only(plain=costs(1000, epoll_ctl=1)), only(plain=costs(1000)))
        self.assertEqual([change.cost for change in found.better], ["epoll_ctl"])
        self.assertEqual(found.status, 0)

    def test_ignores_the_calls_of_the_clock(self) -> None:
        then = only(plain=costs(1000, epoll_wait=1))
        now = only(plain=costs(1000, epoll_wait=1.04, timerfd_settime=0.02))
        self.assertEqual(compare(then, now).changes, ())

    def test_refuses_a_row_that_it_does_not_hold(self) -> None:
        found = compare(only(plain=costs(1000)), only(plain=costs(1000), welcome=costs(2000)))
        self.assertEqual(found.unknown, ("welcome",))
        self.assertEqual(found.status, baseline.WORSE)

    def test_misses_a_row_that_was_not_measured(self) -> None:
        found = compare(only(plain=costs(1000), welcome=costs(2000)), only(plain=costs(1000)))
        self.assertEqual(found.gone, ("welcome",))
        self.assertEqual(found.status, baseline.WORSE)

    def test_misses_no_row_that_was_not_wanted(self) -> None:
        then = only(plain=costs(1000), welcome=costs(2000))
        self.assertEqual(compare(then, only(plain=costs(1000)), ["plain"]).status, 0)
        self.assertEqual(compare(then, only(plain=costs(1000)), ["plain", "welcome"]).gone, ("welcome",))

    def test_gives_no_verdict_on_another_compiler_and_names_both(self) -> None:
        found = compare(only(plain=costs(1000)), only(CLANG, plain=costs(1500)))
        self.assertEqual(found.status, baseline.NO_VERDICT)
        self.assertEqual(found.build, ("compiler Clang 19.1.7, in the baseline GNU 12.2.0",))
        self.assertEqual([change.row for change in found.worse], ["plain"])

    def test_gives_no_verdict_on_another_compiler_even_if_nothing_is_worse(self) -> None:
        then = only(plain=costs(1000))
        self.assertEqual(compare(then, only(CLANG, plain=costs(1000))).status, baseline.NO_VERDICT)

    def test_gives_no_verdict_if_one_side_does_not_know_the_library(self) -> None:
        found = compare(only({"compiler": "GNU 12.2.0"}, plain=costs(1000)), only(plain=costs(1000)))
        self.assertEqual(found.build, ("boost 1.81.0, in the baseline unknown",))


class ABaselineFile(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "baseline.json"

    def test_holds_what_was_written(self) -> None:
        written = only(plain=costs(1000.5, recvfrom=1))
        written.write(self.path)
        self.assertEqual(baseline.read(self.path), written)

    def test_is_named_if_it_is_missing(self) -> None:
        with self.assertRaisesRegex(BaselineError, "baseline.json cannot be read: No such file"):
            baseline.read(self.path)

    def test_is_named_if_it_is_not_a_baseline(self) -> None:
        rows_alone = '{"rows": {}}'
        without_instructions = '{"build": {}, "rows": {"plain": {"recvfrom": 1}}}'
        in_words = '{"build": {}, "rows": {"plain": {"user instructions": "many"}}}'
        for text in ("", "[]", rows_alone, without_instructions, in_words):
            self.path.write_text(text)
            with self.subTest(text), self.assertRaisesRegex(BaselineError, "baseline.json is not a baseline"):
                baseline.read(self.path)

    def test_of_the_project_holds_the_core_rows_and_no_strangers(self) -> None:
        names = baseline.read(baseline.FILE).rows.keys()
        self.assertLessEqual(set(rows.CORE), names)
        self.assertLessEqual(names, rows.ROWS.keys())


class ATracer(unittest.TestCase):
    STRACE_REPORT = (
        "    calls    errors syscall\n"
        "--------- --------- ----------------\n"
        "      120        20 recvfrom\n"
        "      100           sendto\n"
        "--------- --------- ----------------\n"
        "      220        20 total\n"
    )

    def test_reads_instructions_from_callgrind(self) -> None:
        report = "==7== Events    : Ir\n==7== Collected : 6321993\n==7==\n"
        self.assertEqual(tracers.CALLGRIND.read(report), {INSTRUCTIONS: 6321993})

    def test_reads_done_and_failed_calls_from_strace(self) -> None:
        counts = tracers.STRACE.read(self.STRACE_REPORT)
        recvfrom = {"recvfrom": 100, "recvfrom, failed": 20}
        self.assertEqual(counts, {**recvfrom, "sendto": 100, "sendto, failed": 0})

    def test_counts_only_what_the_base_does_not_have(self) -> None:
        base = Run(tracers.Counts({INSTRUCTIONS: 5_000, "execve": 1}), requests=2)
        loaded = Run(tracers.Counts({INSTRUCTIONS: 25_000, "execve": 1, "sendto": 20}), requests=22)
        self.assertEqual(tracers.costs(base, loaded), {INSTRUCTIONS: 1_000, "sendto": 1})


class ARequestFile(unittest.TestCase):
    def test_ends_its_head_and_brings_the_body_it_announces(self) -> None:
        for name in request_file.NAMES:
            with self.subTest(name):
                asked = request_file.read(name)
                head, end, body = asked.request("/p", "h:1", 10_000_000).partition(b"\r\n\r\n")
                self.assertEqual((end, body), (b"\r\n\r\n", asked.body))
                self.assertNotRegex(head, rb"[{}]|(?<!\r)\n")
                self.assertEqual(b"Content-Length" in head or b"chunked" in head, bool(body))

    def test_may_bring_a_body_of_its_own(self) -> None:
        self.assertEqual(request_file.read("sum-post").body, b"20")
        self.assertEqual(request_file.read("sum-post-chunked").body, b"2\r\n20\r\n0\r\n\r\n")
        self.assertEqual(request_file.read("sum-post-chunked").content, b"20")

    def test_that_varies_gives_no_head_twice_and_all_of_one_size(self) -> None:
        for name in ("plain-varied", "browser-varied", "post-varied", "post-chunked-varied"):
            with self.subTest(name):
                asked = request_file.read(name)
                requests = {asked.request("/p", "h:1", request_file.FIRST_NUMBER + i) for i in range(1000)}
                self.assertEqual(len(requests), 1000)
                self.assertEqual(len(set(map(len, requests))), 1)

    @unittest.skipUnless(shutil.which("wrk"), "wrk is not installed")
    def test_is_what_wrk_sends(self) -> None:
        for name, depth in (
            ("browser-varied", 16),
            ("plain-varied", 1),
            ("echo-1k", 2),
            ("post-chunked-varied", 3),
            ("sum-post", 2),
            ("sum-post-chunked", 2),
            ("plain", 3),
        ):
            with self.subTest(name):
                host, piece = first_piece_of_wrk(depth, name)
                asked = request_file.read(name)
                numbers = count(number_in(piece))
                due = (asked.request("/p", host, number) for number in numbers)
                self.assertEqual(piece, b"".join(islice(due, depth)))


def number_in(piece: bytes) -> int:
    _, mark, rest = piece.partition(b"?page=")
    return int(rest[:8]) if mark else request_file.FIRST_NUMBER


def first_piece_of_wrk(depth: int, request: str) -> tuple[str, bytes]:
    """With the host that it was sent to. wrk writes a piece at once, so the first read is one piece."""
    pieces: list[bytes] = []

    def respond(listener: socket.socket) -> None:
        while not pieces:  # wrk's first connection only tries the address
            connection, _ = listener.accept()
            with connection, suppress(ConnectionResetError):  # so wrk ends
                while piece := connection.recv(1 << 20):
                    pieces.append(piece)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" * depth)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        server = threading.Thread(target=respond, args=(listener,), daemon=True)
        server.start()
        WRK.run(f"http://{host}/p", Workload(connections=1, depth=depth, request=request), seconds=1)
        server.join()
    return host, pieces[0]


if __name__ == "__main__":
    unittest.main()
