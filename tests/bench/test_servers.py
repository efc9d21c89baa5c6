"""Tests how the benchmarks start, check and build the servers that they measure."""

import dataclasses
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

from measuring import cpus, servers
from measuring.servers import Exemption, Program, ServerError, peers
from measuring.servers.check import differences
from measuring.servers.peers import Source, Toolchain

# Arguments: its port, then its faults.
SERVER = """
import signal
import socketserver
import sys
import time
from email.utils import formatdate

FAULTS = sys.argv[2:]
HOST = b"Host: 127.0.0.1\\r\\n"


class Connection(socketserver.StreamRequestHandler):
    def handle(self):
        head = b""
        while line := self.rfile.readline():
            head += line
            if line == (HOST if "early" in FAULTS else b"\\r\\n"):
                self.respond(head.lstrip())
                head = b""

    def respond(self, head):
        body = b"Hello, World!"
        is_head = head.startswith(b"HEAD")
        length = 0 if is_head and "head-length" in FAULTS else len(body)
        now = {"stopped": 0, "late": time.time() - 60}.get("".join(FAULTS), time.time())
        fields = f"Content-Length: {length}\\r\\nDate: {formatdate(now, usegmt=True)}\\r\\n\\r\\n"
        shown = b"" if is_head and "head-body" not in FAULTS else body
        self.wfile.write(b"HTTP/1.1 200 OK\\r\\n" + fields.encode() + shown)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


if "dead" in FAULTS:
    sys.exit("no configuration")
if "ends-with-1" in FAULTS:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
else:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
Server(("127.0.0.1", int(sys.argv[1])), Connection).serve_forever(poll_interval=0.01)
"""


def server(*faults: str) -> Program:
    command = (sys.executable, "server.py", servers.PORT, *faults)
    return Program("fake", command, ((servers.PATH, servers.HELLO),), files=(("server.py", SERVER),))


def exempt(program: Program, *exemptions: Exemption) -> Program:
    return dataclasses.replace(program, exemptions=exemptions)


class Checks(unittest.TestCase):
    def test_a_server_with_correct_responses_passes(self) -> None:
        responses = servers.check(server(), 16)
        self.assertTrue(responses[servers.PATH].endswith(b"\r\n\r\nHello, World!"))

    def test_a_date_that_stands_still_is_refused(self) -> None:
        with self.assertRaisesRegex(ServerError, "still says Thu, 01 Jan 1970"):
            servers.check(server("stopped"), 1)

    def test_a_date_of_another_time_is_refused(self) -> None:
        with self.assertRaisesRegex(ServerError, "off by 0:0[01]"):
            servers.check(server("late"), 1)

    def test_a_body_after_the_response_to_head_is_refused_unless_that_is_known(self) -> None:
        with self.assertRaisesRegex(ServerError, "Hello, World!HTTP/1.1"):
            servers.check(server("head-body"), 1)
        servers.check(exempt(server("head-body"), Exemption.HEAD), 1)

    def test_another_length_for_head_is_refused_unless_that_is_known(self) -> None:
        with self.assertRaisesRegex(ServerError, "responds to HEAD /plaintext with"):
            servers.check(server("head-length"), 1)
        servers.check(exempt(server("head-length"), Exemption.HEAD_LENGTH), 1)

    def test_a_response_before_the_end_of_a_head_is_refused_unless_that_is_known(self) -> None:
        with self.assertRaisesRegex(ServerError, "unexpected data"):
            servers.check(server("early"), 1)
        servers.check(exempt(server("early"), Exemption.PIECES), 16)


class Running(unittest.TestCase):
    def test_a_server_that_does_not_start_is_quoted(self) -> None:
        expected = self.assertRaisesRegex(ServerError, "fake does not start: no configuration")
        with expected, servers.running(server("dead")):
            self.fail("it runs")

    def test_an_unexpected_exit_status_is_an_error(self) -> None:
        odd = server("ends-with-1")
        with servers.running(odd) as running, self.assertRaisesRegex(ServerError, "ended with status 1"):
            running.stop()
        with servers.running(dataclasses.replace(odd, end_status=1)) as running:
            running.stop()

    def test_what_a_server_has_started_is_killed_with_it(self) -> None:
        command = ("sh", "-c", f"sleep 60 & exec {sys.executable} server.py {servers.PORT}")
        with servers.running(dataclasses.replace(server(), command=command)) as running:
            (child,) = children_of(running.pid)
        self.assertTrue(is_gone(child))


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_gone(pid: int) -> bool:
    """Or a zombie that its parent, by then init, has yet to reap."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state in "ZX":
            return True
    return False


class Accounting(unittest.TestCase):
    def test_the_time_of_children_counts(self) -> None:
        burn = "ulimit -t 20; while :; do :; done"
        command = ("sh", "-c", f"sh -c '{burn}' & exec {sys.executable} server.py {servers.PORT}")
        with servers.running(dataclasses.replace(server(), command=command)) as running:
            deadline = time.monotonic() + 30
            while sum(cpus.process_seconds(running.pid)) < 1:
                self.assertLess(time.monotonic(), deadline, "nothing was counted")


class Peers(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.sources = self.folder / "sources"
        self.tools = self.folder / "tools"
        self.tools.mkdir()
        self.enterContext(mock.patch.object(peers, "SOURCES", self.sources))
        self.enterContext(mock.patch.object(peers, "BUILT", self.folder / "built"))
        self.enterContext(mock.patch.dict("os.environ", PATH="/bin:/usr/bin"))
        (self.sources / ".cargo").mkdir(parents=True)
        (self.sources / ".cargo" / "config.toml").touch()
        (self.sources / "arguments.rs").touch()

    def source(self, name: str) -> Source:
        folder = self.sources / name
        folder.mkdir()
        (folder / "Cargo.lock").write_text(f'[[package]]\nname = "{name}"\nversion = "1.2.3"\n')
        return Source(name, name, Toolchain(f"tool-of-{name}", "https://example.org", self.tools))

    def tool(self, source: Source, script: str) -> None:
        path = self.tools / source.toolchain.name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def build(self, *sources: Source) -> dict[str, peers.Peer]:
        with mock.patch.object(peers, "BUILDABLE", sources), mock.patch("sys.stderr"):
            return {peer.name: peer for peer in peers.build()}

    def test_every_peer_is_listed_even_if_nothing_is_installed(self) -> None:
        names = ["nginx", "h2o", "lonely"]
        with (
            mock.patch.object(peers, "BUILDABLE", [self.source("lonely")]),
            mock.patch("measuring.servers.packaged.SEARCH_PATH", str(self.folder)),
        ):
            found = peers.available()
        self.assertEqual([peer.name for peer in found], names)
        self.assertEqual([peer.program for peer in found], [None] * len(names))
        reasons = [peer.reason for peer in found]
        self.assertEqual(reasons[0], "nginx is not installed: apt-get install nginx")
        self.assertEqual(reasons[2], "tool-of-lonely is not installed: https://example.org, then bench/run peers")

    def test_a_failed_build_is_reported_and_the_others_are_built(self) -> None:
        broken, whole = self.source("broken"), self.source("whole")
        self.tool(broken, "echo 'error: no such crate' >&2; exit 101")
        self.tool(whole, f"touch {whole.product}")
        built = self.build(broken, whole)
        self.assertRegex(built["broken"].reason or "", "its build failed: error: no such crate")
        self.assertIsNone(built["broken"].program)
        self.assertIsNotNone(built["whole"].program)
        self.assertEqual(built["whole"].version, "1.2.3")

    def test_a_tool_that_builds_nothing_makes_nothing_available(self) -> None:
        idle = self.source("idle")
        self.tool(idle, "exit 0")
        self.assertIsNone(self.build(idle)["idle"].program)

    def test_what_was_built_from_other_sources_does_not_count(self) -> None:
        source = self.source("changed")
        self.tool(source, f"touch {source.product}")
        self.build(source)
        self.assertTrue(source.is_built())
        (source.folder / "Cargo.lock").write_text("")
        self.assertFalse(source.is_built())

    def test_a_peer_with_wrong_responses_is_no_longer_available(self) -> None:
        peer, responses = peers.checked(peers.Peer("fake", "1", server("stopped"), None), 1)
        self.assertIsNone(peer.program)
        self.assertRegex(peer.reason or "", "its responses are wrong: fake still says")
        self.assertEqual(responses, {})


class Differences(unittest.TestCase):
    REFERENCE = b"HTTP/1.1 200 OK\r\nServer: chopin\r\nDate: then\r\n\r\nbody"

    def test_equal_responses_have_none(self) -> None:
        self.assertEqual(differences(self.REFERENCE, self.REFERENCE), [])

    def test_each_kind_is_reported(self) -> None:
        response = b"HTTP/1.1 200 Fine\r\ndate: then\r\nServer: other\r\nConnection: keep-alive\r\n\r\nBody"
        self.assertEqual(
            differences(response, self.REFERENCE),
            [
                "HTTP/1.1 200 Fine",
                "Server: other",
                "Connection: keep-alive",
                "fields in another order",
                "spelt date",
                "another body",
            ],
        )

    def test_a_missing_field_is_reported(self) -> None:
        response = self.REFERENCE.replace(b"Server: chopin\r\n", b"")
        self.assertEqual(differences(response, self.REFERENCE), ["no Server"])


if __name__ == "__main__":
    unittest.main()
