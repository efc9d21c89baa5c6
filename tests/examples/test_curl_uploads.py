"""What curl sends to the examples streams and upload, and what it gets back."""

import email.message
import email.policy
import json
import pathlib
import re
import signal
import subprocess
import tempfile
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
    done = subprocess.run(
        ["curl", "--silent", "--verbose", "--max-time", str(PATIENCE), *arguments, url(server, path)],
        input=body,
        capture_output=True,
        check=True,
    )
    return done.stdout, done.stderr.decode(errors="replace")


def start_curl(server, path, *arguments, stdout=subprocess.PIPE):
    return subprocess.Popen(
        ["curl", "--silent", "--max-time", str(PATIENCE), *arguments, url(server, path)],
        stdin=subprocess.PIPE,
        stdout=stdout,
    )


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
        copy, said = curl(
            self.server,
            "/copy",
            *self.WHOLE,
            "--header",
            "Expect: 100-continue",
            "--expect100-timeout",
            str(2 * PATIENCE),
            body=body,
        )
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


class CurlForms(unittest.TestCase):
    """Forms with files, which the example counts."""

    def setUp(self):
        self.server = self.enterContext(example("upload"))
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def test_files_and_texts_are_told_apart(self):
        one = self.file("one.png", b"")
        two = self.file("two;x=\u00e4.bin", pattern(100 * KILOBYTE))
        listed, _ = curl(
            self.server, "/files", "--form", "text=a text", "--form", f"one=@{one}", "--form", f'two=@"{two}";type=a/b'
        )
        self.assertEqual(
            json.loads(listed),
            [
                {"label": "one.png", "type": "image/png", "bytes": 0},
                {"label": "two;x=\u00e4.bin", "type": "a/b", "bytes": 100 * KILOBYTE},
            ],
        )

    def test_a_quote_in_a_name_arrives_in_both_ways_to_send_it(self):
        path = self.file("plain", b"x")
        for how in ([], ["--form-escape"]):
            with self.subTest(how):
                listed, _ = curl(self.server, "/files", *how, "--form", f'f=@{path};filename="a\\"b"')
                self.assertEqual(json.loads(listed)[0]["label"], 'a"b')

    def test_a_file_of_any_size_costs_no_memory(self):
        path = self.file("large", pattern(48 * MEGABYTE))
        curl(self.server, "/files", "--form", f"f=@{self.file('small', b'x')}")
        before = most_memory(self.server)
        for how in ([], ["--header", "Transfer-Encoding: chunked"]):
            listed, _ = curl(self.server, "/files", *how, "--form", f"f=@{path}")
            self.assertEqual(json.loads(listed)[0]["bytes"], 48 * MEGABYTE)
        self.assertLess(most_memory(self.server) - before, 4 * MEGABYTE)

    def test_texts_become_a_struct(self):
        profile, _ = curl(
            self.server,
            "/profile",
            "--form",
            "name=\u00c4nne & co",
            "--form",
            "languages=de",
            "--form",
            f"file=@{self.file('left-out', b'x')}",
        )
        self.assertEqual(json.loads(profile), {"name": "\u00c4nne & co", "languages": ["de"]})

    def test_a_form_over_a_limit_is_refused(self):
        response, said = curl(self.server, "/files", *(word for i in range(21) for word in ("--form", f"a{i}=x")))
        self.assertIn("< HTTP/1.1 413 ", said)
        self.assertIn(b"more than 20 parts", response)

    def test_what_the_email_package_of_python_writes_is_read(self):
        form = email.message.EmailMessage(policy=email.policy.HTTP)
        form["Content-Type"] = "multipart/form-data"
        for content, parameters in ((b"one", {"name": "a"}), (pattern(KILOBYTE), {"name": "b", "filename": "c d.bin"})):
            part = email.message.EmailMessage(policy=email.policy.HTTP)
            part.set_content(content, maintype="application", subtype="octet-stream", cte="8bit")
            part.add_header("Content-Disposition", "form-data", **parameters)
            del part["MIME-Version"]
            form.attach(part)
        head, _, body = form.as_bytes().partition(b"\r\n\r\n")
        boundary = re.search(rb'boundary="[^"]+"', head)[0].decode()
        status, _, listed = self.server.ask(
            "POST", "/files", body, {"Content-Type": f"multipart/form-data; {boundary}"}
        )
        self.assertEqual(status, 200, listed)
        self.assertEqual([file["label"] for file in json.loads(listed)], ["c d.bin"])


if __name__ == "__main__":
    unittest.main()
