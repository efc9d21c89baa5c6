"""What curl sends to the streams example, and what it gets back."""

import re
import signal
import subprocess
import unittest

from test_examples import PATIENCE, example

KILOBYTE, MEGABYTE = 1 << 10, 1 << 20


def pattern(size):
    """Bytes whose order matters."""
    block = b"".join(number.to_bytes(4, "big") for number in range(64 * KILOBYTE))
    return (block * (size // len(block) + 1))[:size]


def url(server, path):
    return f"http://127.0.0.1:{server.port}{path}"


def curl(server, path, *arguments, body=b""):
    """The body of the response, and what curl says with --verbose. `body` is its stdin."""
    done = subprocess.run(["curl", "--silent", "--verbose", "--max-time", str(PATIENCE), *arguments,
                           url(server, path)], input=body, capture_output=True, check=True)
    return done.stdout, done.stderr.decode(errors="replace")


def start_curl(server, path, *arguments, stdout=subprocess.PIPE):
    return subprocess.Popen(["curl", "--silent", "--max-time", str(PATIENCE), *arguments, url(server, path)],
                            stdin=subprocess.PIPE, stdout=stdout)


def most_memory(server):
    """The most that the server has had, in bytes."""
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s*(\d+) kB", status.read())[1]) * KILOBYTE


class CurlUploads(unittest.TestCase):
    CHUNKED = ("--request", "POST", "--upload-file", "-")
    WHOLE = ("--data-binary", "@-")

    def setUp(self):
        self.server = self.enterContext(example("streams"))

    def assert_serves(self):
        self.assertEqual(curl(self.server, "/copy", *self.WHOLE, body=b"next")[0], b"next")

    def test_a_large_body_is_asked_for_with_a_100(self):
        body = pattern(3 * MEGABYTE)
        copy, said = curl(self.server, "/copy", *self.WHOLE, "--header", "Expect: 100-continue",
                          "--expect100-timeout", str(2 * PATIENCE), body=body)
        self.assertIn("< HTTP/1.1 100 Continue", said)
        self.assertEqual(said.count("< HTTP/1.1 200 OK"), 1)
        self.assertTrue(copy == body, f"{len(copy)} bytes")

    def test_a_chunked_body_from_a_pipe_is_copied(self):
        for size in (0, 1, 64 * KILOBYTE, 5 * MEGABYTE + 1):
            with self.subTest(size):
                body = pattern(size)
                copy, said = curl(self.server, "/copy", *self.CHUNKED, body=body)
                self.assertIn("> Transfer-Encoding: chunked", said)
                self.assertTrue(copy == body, f"{len(copy)} bytes")

    def test_a_slow_body_is_counted(self):
        for how in (self.WHOLE, self.CHUNKED):
            count, _ = curl(self.server, "/count", *how, "--limit-rate", "300k", body=pattern(400 * KILOBYTE))
            self.assertEqual(count, b"%d\n" % (400 * KILOBYTE))

    def test_after_a_client_that_is_killed_amid_its_body_the_next_is_served(self):
        for path in ("/count", "/copy"):
            with start_curl(self.server, path, *self.CHUNKED, stdout=subprocess.DEVNULL) as client:
                # More than pipe and curl hold, so most of it is sent; then curl waits for more.
                client.stdin.write(pattern(MEGABYTE))
                client.stdin.flush()
                client.kill()
            self.assert_serves()

    def test_a_body_over_the_limit_of_another_route_is_refused(self):
        body = pattern(2 * MEGABYTE)
        refusal = b'{"success":false,"error":{"code":"PAYLOAD_TOO_LARGE",'
        for how in (self.WHOLE, self.CHUNKED, (*self.WHOLE, "--header", "Expect:")):
            with self.subTest(how):
                response, said = curl(self.server, "/ticks", *how, body=body)
                self.assertIn("< HTTP/1.1 413 ", said)
                self.assertTrue(response.startswith(refusal), response)
        self.assert_serves()

    def test_a_reader_that_stops_holds_up_nobody_and_costs_no_memory(self):
        before = most_memory(self.server)
        body = pattern(48 * MEGABYTE)
        with start_curl(self.server, "/copy", "--data-binary", "@/dev/fd/0") as client:
            client.stdin.write(body)  # curl reads it all before it begins
            client.stdin.close()
            copy = client.stdout.read(MEGABYTE)
            client.send_signal(signal.SIGSTOP)
            for _ in range(5):
                self.assert_serves()
            client.send_signal(signal.SIGCONT)
            copy += client.stdout.read()
        self.assertTrue(copy == body, f"{len(copy)} bytes")
        self.assertLess(most_memory(self.server) - before, 8 * MEGABYTE)

    def test_a_client_of_http_1_0_reads_to_the_end_of_the_connection(self):
        body = pattern(MEGABYTE)
        copy, said = curl(self.server, "/copy", "--http1.0", *self.WHOLE, body=body)
        self.assertTrue(copy == body, f"{len(copy)} bytes")
        self.assertNotIn("Transfer-Encoding", said)
        self.assertEqual(curl(self.server, "/ticks", "--http1.0")[0], b"data: 1\n\ndata: 2\n\ndata: 3\n\n")

    def test_a_head_request_gets_the_head_alone(self):
        head, _ = curl(self.server, "/ticks", "--head")
        self.assertIn(b"\r\nTransfer-Encoding: chunked\r\n", head)


if __name__ == "__main__":
    unittest.main()
