"""The command lines of load generators, and how their output is read."""

import json
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

from measuring.load.bounded_run import Finished, Load, LoadError
from measuring.load.other_tools import GENERATORS
from measuring.load.workload import Workload

URL = "http://127.0.0.1:3000/plaintext"

WRK = """Running 1s test @ http://127.0.0.1:3000/plaintext
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     3.05ms    3.92ms  29.36ms   85.49%
    Req/Sec    23.33k     5.38k   30.88k    70.00%
  23512 requests in 1.02s, 2.94MB read
Requests/sec:  23135.65
Transfer/sec:      2.89MB
"""

OHA: dict[str, Any] = {
    "summary": {"successRate": 1.0, "total": 2.5, "requestsPerSec": 4000.0},
    "latencyPercentiles": {"p10": 0.0001, "p50": 0.0003, "p99.99": 0.0365},
    "statusCodeDistribution": {"200": 10000},
    "errorDistribution": {"aborted due to deadline": 64},
}

H2LOAD = """starting benchmark...

finished in 500.25ms, 160960.00 req/s, 20.11MB/s
requests: 80480 total, 80544 started, 80480 done, 80480 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 80480 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 40.22MB (42171520) total, 25.56MB (26804352) headers (space savings 0.00%), 4.00MB (4198272) data
"""

BOMBARDIER: dict[str, Any] = {
    "spec": {"numberOfConnections": 64, "testType": "timed", "testDurationSeconds": 2},
    "result": {
        "bytesRead": 1310000,
        "bytesWritten": 440000,
        "timeTakenSeconds": 2.0,
        "req1xx": 0,
        "req2xx": 10000,
        "req3xx": 0,
        "req4xx": 0,
        "req5xx": 0,
        "others": 0,
        "latency": {
            "mean": 310.5,
            "stddev": 20.1,
            "max": 900,
            "percentiles": {"50": 300, "75": 320, "90": 400, "99": 650},
        },
    },
}


OWN: dict[str, Any] = {
    "responses": 2000,
    "seconds": 2.0,
    "all_responses": 3000,
    "all_seconds": 3.0,
    "statuses": {"200": 3000},
    "errors": {},
    "latency": {"mean": 0.0001, "p99.99": 0.002, "max": 0.003},
    "lag": {"p99": 0.00001},
}


def read(name: str, text: str) -> Load:
    return GENERATORS[name].read(Finished(text, 2.1, 1.9))


def command(name: str, work: Workload, seconds: int = 2, threads: int = 1) -> list[str]:
    return GENERATORS[name].command(URL, work, seconds, threads, Path("/body"))


class Reading(unittest.TestCase):
    def test_wrk_counts_requests_by_its_own_clock(self) -> None:
        load = read("wrk", WRK)
        self.assertEqual((load.requests, load.seconds, load.errors), (23512, 1.02, ()))
        self.assertEqual((load.wall_seconds, load.cpu_seconds), (2.1, 1.9))

    def test_socket_errors_and_other_statuses_of_wrk_are_errors(self) -> None:
        text = WRK + "  Socket errors: connect 0, read 3, write 0, timeout 0\n  Non-2xx or 3xx responses: 7\n"
        self.assertEqual(len(read("wrk", text).errors), 2)

    def test_oha_gives_latencies_in_seconds(self) -> None:
        load = read("oha", json.dumps(OHA))
        self.assertEqual((load.requests, load.seconds), (10000, 2.5))
        self.assertEqual(load.latencies, {"p50": 0.0003, "p99.99": 0.0365})

    def test_a_request_of_oha_in_flight_at_the_end_is_no_error(self) -> None:
        self.assertEqual(read("oha", json.dumps(OHA)).errors, ())

    def test_every_other_error_of_oha_is_one(self) -> None:
        report = {**OHA, "errorDistribution": {"connection refused": 2}, "statusCodeDistribution": {"200": 9, "503": 4}}
        errors = read("oha", json.dumps(report)).errors
        self.assertEqual(errors, ("2 times connection refused", "4 responses with status 503"))

    def test_a_percentile_without_a_value_is_left_out(self) -> None:
        report = {**OHA, "latencyPercentiles": {"p50": None, "p99": 0.1}}
        self.assertEqual(read("oha", json.dumps(report)).latencies, {"p99": 0.1})

    def test_h2load_tells_its_time_in_several_units(self) -> None:
        load = read("h2load", H2LOAD)
        self.assertEqual((load.requests, load.errors), (80480, ()))
        self.assertAlmostEqual(load.seconds, 0.50025)

    def test_requests_that_failed_under_h2load_are_errors(self) -> None:
        failed = H2LOAD.replace("0 failed", "3 failed").replace("0 5xx", "2 5xx")
        self.assertEqual(read("h2load", failed).errors, ("3 failed", "2 responses 5xx"))

    def test_bombardier_gives_latencies_in_microseconds(self) -> None:
        load = read("bombardier", json.dumps(BOMBARDIER))
        self.assertEqual((load.requests, load.seconds, load.errors), (10000, 2.0, ()))
        self.assertAlmostEqual(load.latencies["p99"], 0.00065)

    def test_errors_and_other_statuses_of_bombardier_are_errors(self) -> None:
        result = {**BOMBARDIER["result"], "req5xx": 4, "errors": [{"description": "timeout", "count": 2}]}
        errors = read("bombardier", json.dumps({"result": result})).errors
        self.assertEqual(errors, ("2 times timeout", "4 responses of req5xx"))

    def test_the_own_client_counts_the_warm_up_because_the_server_worked_then_too(self) -> None:
        load = read("chopin_load", json.dumps(OWN))
        self.assertEqual((load.requests, load.seconds, load.errors), (3000, 3.0, ()))
        self.assertEqual((load.latencies["max"], load.lags), (0.003, {"p99": 0.00001}))

    def test_errors_and_other_statuses_of_the_own_client_are_errors(self) -> None:
        report = {**OWN, "statuses": {"201": 5, "404": 2}, "errors": {"no response": 3}}
        errors = read("chopin_load", json.dumps(report)).errors
        self.assertEqual(errors, ("3 times no response", "2 responses with status 404"))

    def test_no_responses_at_all_are_an_error(self) -> None:
        report: dict[str, Any] = {**OHA, "statusCodeDistribution": {}}
        self.assertEqual(read("oha", json.dumps(report)).errors, ("no responses",))
        self.assertEqual(read("wrk", WRK.replace("23512", "0")).errors, ("no responses",))

    def test_output_that_is_not_understood_is_quoted(self) -> None:
        for name in GENERATORS:
            with self.subTest(name), self.assertRaisesRegex(LoadError, f"{name} says: no such option"):
                read(name, "no such option")


class Telling(unittest.TestCase):
    def test_an_open_loop_of_oha_has_a_rate_and_corrects_for_coordinated_omission(self) -> None:
        words = command("oha", Workload(share=0.5, rate=1234))
        self.assertEqual(words[words.index("-q") + 1], "1234")
        self.assertIn("--latency-correction", words)

    def test_a_closed_loop_has_no_rate(self) -> None:
        self.assertNotIn("-q", command("oha", Workload()))
        self.assertNotIn("--rate", command("bombardier", Workload()))

    def test_fields_of_the_request_are_passed_on_but_for_those_that_generators_send(self) -> None:
        words = command("oha", Workload(request="browser"))
        fields = [words[place + 1] for place, word in enumerate(words) if word == "-H"]
        self.assertEqual(len(fields), 10)
        self.assertIn("Sec-Fetch-Mode: navigate", fields)
        self.assertFalse([text for text in fields if text.startswith(("Host:", "Connection:"))])

    def test_a_body_is_posted(self) -> None:
        words = command("bombardier", Workload(path="/echo", request="echo-1k"))
        self.assertEqual(words[words.index("--method") + 1], "POST")
        self.assertEqual(words[words.index("--body-file") + 1], "/body")

    def test_a_new_connection_for_each_request_is_asked_for(self) -> None:
        self.assertIn("--disable-keepalive", command("oha", Workload(request="close")))
        self.assertIn("--disableKeepAlives", command("bombardier", Workload(request="close")))

    def test_the_own_client_gets_whole_requests_and_a_rate_only_in_an_open_loop(self) -> None:
        own = GENERATORS["chopin_load"]
        with tempfile.TemporaryDirectory() as folder:
            files = own.write(URL, Workload(), Path(folder))
            words = own.command(URL, Workload(rate=1234, connections=7), 2, 1, files)
            request = Path(words[words.index("--request") + 1]).read_bytes()
        self.assertEqual(request, b"GET /plaintext HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n\r\n")
        self.assertEqual(words[words.index("--port") + 1], "3000")
        self.assertEqual(words[words.index("--rate") + 1], "1234")
        self.assertNotIn("--rate", own.command(URL, Workload(), 2, 1, files))

    def test_the_own_client_sends_requests_in_turn_and_resets_connections(self) -> None:
        own = GENERATORS["chopin_load"]
        work = Workload(request="sum", more_requests=("sum-post", "sum-post-chunked"), resets_after=10)
        with tempfile.TemporaryDirectory() as folder:
            words = own.command(URL, work, 2, 1, own.write(URL, work, Path(folder)))
            files = [words[place + 1] for place, word in enumerate(words) if word == "--request"]
            requests = [Path(file).read_bytes() for file in files]
        self.assertEqual([request.split(b"\r\n\r\n", 1)[1][:2] for request in requests], [b"", b"20", b"2\r"])
        self.assertEqual(words[words.index("--per-connection") + 1], "10")

    def test_the_own_client_polls_only_on_a_cpu_of_its_own_and_in_an_open_loop(self) -> None:
        own = GENERATORS["chopin_load"]
        for prefix, work, polls in (
            (("taskset", "1"), Workload(rate=5), True),
            ((), Workload(rate=5), False),
            (("taskset", "1"), Workload(), False),
        ):
            with self.subTest(prefix=prefix, rate=work.rate), mock.patch("measuring.load.bounded_run.run") as run:
                run.return_value = Finished(json.dumps(OWN), 1.0, 1.0)
                own.run(URL, work, 2, prefix)
                self.assertEqual("--spin" in run.call_args[0][0], polls)

    def test_wrk_has_no_more_threads_than_connections(self) -> None:
        words = command("wrk", Workload(connections=2), threads=8)
        self.assertEqual(words[words.index("--threads") + 1], "2")

    def test_what_a_generator_cannot_do_has_a_reason(self) -> None:
        cannot = {
            "wrk": (Workload(share=0.5), Workload(rate=5)),
            "chopin_load": (Workload(depth=16), Workload(request="plain-varied"), Workload(requests_per_connection=10)),
            "oha": (Workload(depth=16), Workload(request="plain-varied"), Workload(requests_per_connection=10)),
            "bombardier": (Workload(depth=16), Workload(request="plain-varied")),
            "h2load": (Workload(share=0.5), Workload(request="close"), Workload(request="plain-varied")),
        }
        for name, workloads in cannot.items():
            for work in workloads:
                with self.subTest(name, work=work):
                    self.assertIn(name, GENERATORS[name].lacks(work) or "")

    def test_only_the_own_client_sends_requests_in_turn_and_resets_connections(self) -> None:
        for work in (Workload(more_requests=("close",)), Workload(resets_after=10)):
            for name, generator in GENERATORS.items():
                with self.subTest(name, work=work):
                    self.assertEqual(generator.lacks(work) is None, name == "chopin_load")

    def test_what_it_can_do_has_none(self) -> None:
        for name in GENERATORS:
            with self.subTest(name):
                self.assertIsNone(GENERATORS[name].lacks(Workload()))
        self.assertIsNone(GENERATORS["h2load"].lacks(Workload(depth=16)))


if __name__ == "__main__":
    unittest.main()
