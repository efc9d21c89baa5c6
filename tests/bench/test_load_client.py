"""The load client against servers whose delays and faults are known."""

import asyncio
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

DEBUG = Path(__file__).resolve().parents[2] / "build" / "debug" / "bench" / "chopin_load"
PROGRAM = os.environ.get("CHOPIN_LOAD", str(DEBUG))
DELAY = 0.010
STALL = 0.5
RUN_SECONDS = 20  # at most, of any run here

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n20"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CLOSING = OK.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n", 1)

Respond = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """On a thread of its own. `respond` is called for each request; it may close the connection."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond
        self._loop = asyncio.new_event_loop()
        self.requests: list[bytes] = []
        self.by_connection: list[int] = []  # requests
        self.port = 0
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,))
        self._thread.start()
        started.wait()

    def _run(self, started: threading.Event) -> None:
        async def start() -> None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
            self.port = self._server.sockets[0].getsockname()[1]

        self._loop.run_until_complete(start())
        started.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = len(self.by_connection)
        self.by_connection.append(0)
        try:
            while not writer.is_closing():
                request = await reader.readuntil(b"\r\n\r\n")
                if request.startswith(b"POST"):
                    request += await reader.readexactly(2)
                self.requests.append(request)
                self.by_connection[connection] += 1
                await self._respond(writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    def stop(self) -> None:
        if self._loop.is_closed():
            return

        async def cancel_all() -> None:
            self._server.close()
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(cancel_all(), self._loop).result(RUN_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def sends(data: bytes) -> Respond:
    async def respond(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        if data is CLOSING or b"Content-Length" not in data:
            writer.close()

    return respond


async def after_the_delay(writer: asyncio.StreamWriter) -> None:
    """Counts from when it has read the request, by the same clock as the client."""
    due = time.monotonic() + DELAY
    while (left := due - time.monotonic()) > 0:
        await asyncio.sleep(left)
    writer.write(OK)


class Clients(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def serve(self, respond: Respond) -> Server:
        server = Server(respond)
        self.addCleanup(server.stop)
        return server

    def command(self, port: int, *requests: bytes, **options: object) -> list[str]:
        words = [PROGRAM, "--port", str(port)]
        for number, request in enumerate(requests or (GET,)):
            path = self.folder / f"{number}.http"
            path.write_bytes(request)
            words += ["--request", str(path)]
        for name, value in options.items():
            words += [f"--{name.replace('_', '-')}", str(value)]
        return words

    def load(self, server: Server, *requests: bytes, **options: object) -> dict[str, Any]:
        words = self.command(server.port, *requests, **options)
        done = subprocess.run(words, capture_output=True, text=True, timeout=RUN_SECONDS)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return dict(json.loads(done.stdout))

    def refusal(self, words: list[str], status: int) -> str:
        done = subprocess.run(words, capture_output=True, text=True, timeout=RUN_SECONDS)
        self.assertEqual((done.returncode, done.stdout), (status, ""))
        return done.stderr


class Latency(Clients):
    def test_is_the_known_delay_of_the_server(self) -> None:
        report = self.load(self.serve(after_the_delay), connections=8, rate=200, seconds=1)
        self.assertEqual(report["responses"], 200)
        self.assertGreaterEqual(report["latency"]["p50"], DELAY)
        self.assertLess(report["latency"]["p50"], DELAY + 0.005)
        self.assertLess(report["lag"]["p50"], 0.002)

    def test_in_a_closed_loop_it_is_the_same_and_limits_the_rate(self) -> None:
        report = self.load(self.serve(after_the_delay), connections=4, rate=0, seconds=1)
        self.assertGreaterEqual(report["latency"]["p50"], DELAY)
        self.assertLessEqual(report["achieved_rate"], 4 / DELAY)
        self.assertGreater(report["achieved_rate"], 4 / DELAY / 2)

    def test_a_stall_shows_in_all_requests_that_were_due_in_it(self) -> None:
        """Half of 200 requests are due while the server does nothing for half a second. They waited for 0 to 0.5 s,
        however few of them had been sent."""
        for connections in (1, 8):
            with self.subTest(connections=connections):
                server = self.serve(self.stalling_at(60))
                report = self.load(server, connections=connections, rate=200, seconds=1)
                latency = report["latency"]
                self.assertEqual((report["responses"], report["unsent"], report["errors"]), (200, 0, {}))
                self.assertGreaterEqual(latency["max"], STALL)
                self.assertGreaterEqual(latency["p99.99"], STALL)
                self.assertGreater(latency["p90"], 0.35)  # 20 of 200 waited for longer than 0.4 s
                self.assertGreater(latency["p75"], 0.2)  # 50 of 200 for longer than 0.25 s
                self.assertGreater(latency["mean"], 100 * STALL / 2 / 200 * 0.8)

    @staticmethod
    def stalling_at(number: int) -> Respond:
        served = 0

        async def respond(writer: asyncio.StreamWriter) -> None:
            nonlocal served
            served += 1
            if served == number:
                time.sleep(STALL)  # the whole server
            writer.write(OK)

        return respond

    def test_the_warm_up_is_not_recorded(self) -> None:
        report = self.load(self.serve(self.stalling_at(20)), connections=4, rate=100, warm_up=1, seconds=1)
        self.assertEqual((report["responses"], report["all_responses"]), (100, 200))
        self.assertLess(report["latency"]["max"], STALL / 2)

    def test_what_the_client_itself_is_late_is_part_of_it_and_reported_as_its_lag(self) -> None:
        server = self.serve(sends(OK))
        words = self.command(server.port, connections=4, rate=200, seconds=1)
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as client:
            while len(server.requests) < 20:
                self.assertIsNone(client.poll())
                time.sleep(0.001)
            client.send_signal(signal.SIGSTOP)
            time.sleep(STALL)
            client.send_signal(signal.SIGCONT)
            report = json.loads(client.communicate(timeout=RUN_SECONDS)[0])
        for kind in ("lag", "latency"):
            with self.subTest(kind):
                self.assertGreater(report[kind]["max"], STALL * 0.9)


class Rate(Clients):
    def test_is_held_over_all_connections(self) -> None:
        server = self.serve(sends(OK))
        report = self.load(server, connections=10, rate=500, seconds=1)
        self.assertAlmostEqual(report["achieved_rate"], 500, delta=5)
        self.assertEqual(server.by_connection, [50] * 10)

    def test_that_the_server_cannot_keep_up_with_is_reported_as_missed(self) -> None:
        report = self.load(self.serve(after_the_delay), connections=1, rate=200, seconds=1, grace=0)
        self.assertLess(report["achieved_rate"], 1 / DELAY)
        self.assertGreater(report["unsent"], 90)

    def test_requests_are_sent_in_turn_on_every_connection(self) -> None:
        server = self.serve(sends(OK))
        self.load(server, GET, POST, connections=2, rate=100, seconds=1)
        self.assertEqual(sorted(server.requests), [GET] * 50 + [POST] * 50)

    def test_connections_are_replaced_after_as_many_requests_as_asked_for(self) -> None:
        server = self.serve(sends(OK))
        report = self.load(server, connections=2, rate=100, seconds=1, per_connection=10)
        self.assertEqual((report["responses"], report["errors"]), (100, {}))
        self.assertEqual(server.by_connection, [10] * 10)
        self.assertEqual(report["connections_opened"], 10)


class Responses(Clients):
    def test_that_close_the_connection_are_followed_by_a_new_one(self) -> None:
        for data in (CLOSING, b"HTTP/1.1 200 OK\r\n\r\nto the end"):
            with self.subTest(data):
                server = self.serve(sends(data))
                report = self.load(server, connections=2, rate=50, seconds=1)
                self.assertEqual((report["statuses"], report["errors"]), ({"200": 50}, {}))
                self.assertEqual(set(server.by_connection[:50]), {1})

    def test_with_another_status_are_counted(self) -> None:
        report = self.load(self.serve(sends(OK.replace(b"200 OK", b"503 No"))), connections=1, rate=50, seconds=1)
        self.assertEqual((report["statuses"], report["errors"]), ({"503": 50}, {}))

    def test_that_are_cut_off_or_malformed_are_errors(self) -> None:
        truncated = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nok"

        async def cut(writer: asyncio.StreamWriter) -> None:
            writer.write(truncated)
            writer.close()

        cases = ((cut, "connection ended early"), (sends(b"garbage\r\n\r\n"), "malformed response"))
        for respond, fault in cases:
            with self.subTest(fault):
                report = self.load(self.serve(respond), connections=2, rate=20, seconds=1)
                self.assertEqual((report["responses"], report["errors"]), (0, {fault: 20}))

    def test_that_never_come_are_errors_and_end_the_run(self) -> None:
        async def nothing(writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(RUN_SECONDS)

        started = time.monotonic()
        report = self.load(self.serve(nothing), connections=3, rate=30, seconds=1, grace=1)
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual((report["errors"], report["unsent"]), ({"no response": 3}, 27))

    def test_of_a_server_that_ends_are_missed_and_the_run_ends_in_time(self) -> None:
        server = self.serve(sends(OK))
        words = self.command(server.port, connections=2, rate=100, seconds=1)
        started = time.monotonic()
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as client:
            while len(server.requests) < 20:
                self.assertIsNone(client.poll())
                time.sleep(0.001)
            server.stop()
            report = json.loads(client.communicate(timeout=RUN_SECONDS)[0])
        self.assertLess(time.monotonic() - started, 5)
        self.assertEqual(sum(report["errors"].values()) + report["responses"] + report["unsent"], 100)
        self.assertGreater(report["errors"]["cannot connect"], 10)


class Refusals(Clients):
    def test_name_the_option(self) -> None:
        right = self.command(1)
        for wrong, option in (
            (["--rate", "fast"], "--rate is 'fast'"),
            (["--address", "localhost"], "--address: 'localhost'"),
            (["--request", "/nowhere"], "--request: '/nowhere' cannot be read"),
            (["--connections", "65000"], "--connections is 65000"),
        ):
            with self.subTest(option):
                words = ["sh", "-c", 'ulimit -n 1000; exec "$@"', "sh", *right, *wrong]
                self.assertIn(f"chopin_load: {option}", self.refusal(words, 2))

    def test_a_server_that_is_not_there_ends_the_run(self) -> None:
        self.assertIn("Connection refused", self.refusal(self.command(1), 1))


if __name__ == "__main__":
    unittest.main()
