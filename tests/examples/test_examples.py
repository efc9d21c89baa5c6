"""Runs each example, and asks it what its first line promises.

CHOPIN_EXAMPLES is the folder of the programs, CHOPIN_COUNTING_PRELOAD the library that counts allocations.
"""

import contextlib
import http.client
import json
import mmap
import os
import pathlib
import re
import signal
import struct
import subprocess
import tempfile
import unittest

FOLDER = pathlib.Path(__file__).parent
PROGRAMS = pathlib.Path(os.environ["CHOPIN_EXAMPLES"])
COUNTING_PRELOAD = os.environ["CHOPIN_COUNTING_PRELOAD"]
PATIENCE = 20  # seconds; only a broken example needs them


class Example:
    """A running example."""

    def __init__(self, name, environment=None):
        environment = {"PATH": os.environ["PATH"], "LOG_LEVEL": "info", **(environment or {})}
        self.process = subprocess.Popen(
            [PROGRAMS / f"example_{name}", "--port", "0", "--workers", "1"],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for line in self.process.stderr:
            address = re.search(r"127\.0\.0\.1:(\d+)", line)
            if address:
                self.port = int(address[1])
                return
        raise RuntimeError(f"{name} says no address")

    def ask(self, method, path, body=None, fields=None, chunked=False):
        """The status, the fields and the body of a response."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request(method, path, body, fields or {}, encode_chunked=chunked)
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode()

    def get(self, path, fields=None):
        return self.ask("GET", path, fields=fields)[2]


@contextlib.contextmanager
def example(name, ends_with_input=False, environment=None):
    running = Example(name, environment)
    try:
        yield running
        if ends_with_input:
            running.process.stdin.close()
        else:
            running.process.send_signal(signal.SIGTERM)
        running.rest = running.process.stderr.read()
        assert running.process.wait(PATIENCE) == 0
    finally:
        running.process.kill()
        running.process.wait()
        running.process.stderr.close()
        running.process.stdin.close()


class Examples(unittest.TestCase):
    def test_hello(self):
        with example("hello") as hello:
            self.assertEqual(hello.get("/hello/you"), "Hello, you!\n")

    def test_json(self):
        with example("json") as json:
            as_json = {"Content-Type": "application/json"}
            self.assertEqual(
                json.ask("POST", "/orders", '{"item":"lamp","count":2}', as_json)[::2],
                (201, '{"item":"lamp","total":6}'),
            )
            self.assertEqual(json.ask("POST", "/orders", '{"count":2}', as_json)[0], 422)
            self.assertEqual(json.ask("POST", "/orders", "{", as_json)[0], 400)
            self.assertEqual(json.ask("POST", "/orders", "{}")[0], 415)

    def test_operation(self):
        with example("operation", environment={"ENVIRONMENT": "test"}) as prices:
            as_json = {"Content-Type": "application/json"}
            self.assertEqual(prices.get("/prices/lamp?count=2"), '{"success":true,"data":{"item":"lamp","cents":9800}}')
            self.assertEqual(prices.ask("GET", "/prices/lamp?count=100")[0], 422)
            self.assertEqual(prices.ask("GET", "/prices/bulb")[0], 404)
            self.assertEqual(prices.ask("POST", "/prices", '{"item":"bulb","cents":300}', as_json)[0], 201)
            self.assertEqual(prices.get("/prices/bulb"), '{"success":true,"data":{"item":"bulb","cents":300}}')
            self.assertEqual(prices.ask("POST", "/prices", '{"item":"Bulb","cents":0}', as_json)[0], 422)
            document = json.loads(prices.get("/api-docs/openapi.json"))
            self.assertEqual(
                list(document["paths"]["/prices/{item}"]["get"]["responses"]), ["200", "404", "422", "5XX"]
            )

    def test_structs(self):
        with example("structs") as running:
            fields = {"Content-Type": "application/json"}
            lines = '{"lines":[{"item":"lamp","count":1},{"item":"bulb","count":20,"size":"large"}]}'
            status, _, body = running.ask("POST", "/orders", lines, fields)
            self.assertEqual(status, 201)
            self.assertEqual(
                body,
                '{"success":true,"data":{"lines":[{"item":"lamp","size":"small","count":2},'
                '{"item":"bulb","size":"large","count":40}],"day":null}}',
            )
            status, _, body = running.ask("POST", "/orders", '{"lines":[{"item":""}],"day":"today"}', fields)
            self.assertEqual(status, 422)
            for pointer in ("/lines/0/item", "/lines/0/count", "/day"):
                self.assertIn(f'"{pointer}":"', body)

    def test_later(self):
        with example("later") as later:
            self.assertEqual(later.get("/later"), "at last\n")

    def test_coroutine(self):
        with example("coroutine") as coroutine:
            self.assertEqual(coroutine.get("/delay?ms=5"), "after 5 ms\n")
            self.assertEqual(coroutine.ask("GET", "/delay?ms=soon")[0], 422)

    def test_a_coroutine_that_sleeps_allocates_twice_once_it_is_warm(self):
        with tempfile.NamedTemporaryFile() as file:
            file.truncate(mmap.PAGESIZE)
            counting = {"LD_PRELOAD": COUNTING_PRELOAD, "TEST_CALL_COUNTS": file.name}
            with (
                mmap.mmap(file.fileno(), 0) as counts,
                example("coroutine", environment=counting) as coroutine,
                contextlib.closing(http.client.HTTPConnection("127.0.0.1", coroutine.port, PATIENCE)) as connection,
            ):

                def allocations_after(requests):
                    for _ in range(requests):
                        connection.request("GET", "/delay")
                        self.assertEqual(connection.getresponse().read(), b"after 10 ms\n")
                    return struct.unpack_from("Q", counts)[0]  # the first member of CallCounts

                before = allocations_after(20)
                self.assertGreater(before, 0)
                self.assertLessEqual(allocations_after(100) - before, 200)

    def test_worker_service(self):
        with example("worker_service") as service:
            self.assertEqual(service.get("/visits/anna"), "anna: 1\n")
            self.assertEqual(service.get("/visits/anna"), "anna: 2\n")
        self.assertIn("visits end", service.rest)

    def test_streams(self):
        with example("streams") as streams:
            parts = [b"x" * 10_000] * 300
            self.assertEqual(streams.ask("POST", "/count", b"".join(parts))[2], "3000000\n")
            self.assertEqual(
                streams.ask("POST", "/count", iter(parts), {"Transfer-Encoding": "chunked"}, chunked=True)[2],
                "3000000\n",
            )
            status, fields, body = streams.ask("GET", "/ticks")
            self.assertEqual((status, fields["Content-Type"]), (200, "text/event-stream"))
            self.assertEqual(body, "data: 1\n\ndata: 2\n\ndata: 3\n\n")

    def test_upload(self):
        with example("upload") as upload:

            def part(name, content, more=""):
                return f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{content}\r\n'

            as_form = {"Content-Type": "multipart/form-data; boundary=b"}
            form = (
                part("text", "x") + part("file", "12345", '; filename="../%22a\u00e4"\r\nContent-Type: a/b') + "--b--"
            )
            files = '[{"label":"../\\"a\u00e4","type":"a/b","bytes":5}]'
            self.assertEqual(upload.ask("POST", "/files", form.encode(), as_form)[::2], (200, files))
            self.assertEqual(upload.ask("POST", "/files", form[:-2].encode(), as_form)[0], 400)
            self.assertEqual(upload.ask("POST", "/files", form.encode())[0], 415)
            profile = part("name", "Anna") + part("languages", "de") + part("languages", "en")
            self.assertEqual(
                upload.ask("POST", "/profile", profile + "--b--", as_form)[2], '{"name":"Anna","languages":["de","en"]}'
            )
            status, _, body = upload.ask("POST", "/profile", profile + part("languages", "french") + "--b--", as_form)
            self.assertEqual(status, 422)
            self.assertIn('"languages":"must match ^[a-z]{2}$"', body)

    def test_authentication(self):
        with example("authentication") as authentication:
            self.assertEqual(authentication.ask("GET", "/account/name")[0], 401)
            self.assertEqual(authentication.get("/account/name", {"Authorization": "Bearer swordfish"}), "anna\n")

    def test_embedded(self):
        with example("embedded", ends_with_input=True) as embedded:
            self.assertEqual(embedded.get("/last-line"), "nothing yet\n")

    def test_fast_route(self):
        with example("fast_route") as fast_route:
            status, fields, body = fast_route.ask("GET", "/")
            self.assertEqual((status, fields["Cache-Control"]), (200, "max-age=60"))
            self.assertEqual(body, (FOLDER / "fast_route.cpp").read_text())

    def test_database(self):
        with example("database") as database:
            self.assertEqual(database.get("/accounts/anna"), '{"balance":100}')
            for amount, status in ((30, 204), (71, 422), (-1, 422)):
                transfer = f'{{"from":"anna","to":"ben","amount":{amount}}}'
                as_json = {"Content-Type": "application/json"}
                self.assertEqual(database.ask("POST", "/transfers", transfer, as_json)[0], status, amount)
            self.assertEqual(database.get("/accounts/anna"), '{"balance":70}')
            self.assertEqual(database.get("/accounts/ben"), '{"balance":30}')
            self.assertEqual(database.ask("GET", "/accounts/eve")[0], 404)

    def test_of_the_first_page_are_parts_of_these(self):
        page = (FOLDER.parents[1] / "README.md").read_text()
        examples = [source.read_text() for source in FOLDER.glob("*.cpp")]
        blocks = re.findall(r"^```cpp\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        self.assertEqual(len(blocks), 2)
        for block in blocks:
            self.assertTrue(any(block in example for example in examples), block)

    def test_all_are_short_linked_from_the_guide_and_tested(self):
        guide = (FOLDER.parents[1] / "include" / "chopin" / "README.md").read_text()
        for source in FOLDER.glob("*.cpp"):
            with self.subTest(source.stem):
                self.assertLess(len(source.read_text().splitlines()), 60)
                self.assertIn(f"(../../tests/examples/{source.name})", guide)
                self.assertTrue(hasattr(self, f"test_{source.stem}"))


if __name__ == "__main__":
    unittest.main()
