#!/usr/bin/env python3
"""The document of the program's routes: judged by openapi-spec-validator, and beside what the routes send.

CHOPIN is the program. cmake/bootstrap test installs the validator in build/openapi_validator, if PyPI can be reached.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

try:
    import jsonschema
except ModuleNotFoundError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

PATIENCE = 20  # seconds; only a broken server needs them
VALIDATOR = pathlib.Path(__file__).parents[2] / "build/openapi_validator/bin/openapi-spec-validator"
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "ENVIRONMENT": "test",
    "LOG_LEVEL": "info",
    "DATABASE_URL": "sqlite::memory:",
    "JWT_SECRET": "a-secret-of-more-than-thirty-two-bytes",
}


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.server = subprocess.Popen(
            [os.environ["CHOPIN"], "--port", "0", "--workers", "1"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=ENVIRONMENT,
        )
        cls.addClassCleanup(cls.end)
        assert cls.server.stdout is not None
        address = next(filter(None, (re.search(r"127\.0\.0\.1:(\d+)", line) for line in cls.server.stdout)))
        cls.port = int(address[1])
        cls.document = json.loads(cls.ask("GET", "/api-docs/openapi.json")[1])

    @classmethod
    def end(cls) -> None:
        cls.server.kill()
        cls.server.wait()
        cls.server.stdout.close()

    @classmethod
    def ask(cls, method: str, path: str, body: object = None, **fields: str) -> tuple[int, str]:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", cls.port, timeout=PATIENCE)) as connection:
            text = None if body is None else json.dumps(body)
            if text is not None:
                fields["Content-Type"] = "application/json"
            connection.request(method, path, text, fields)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def expect_as_declared(self, method: str, path: str, template: str, body: object = None, **fields: str) -> object:
        """What a request gets, which its operation must declare."""
        status, text = self.ask(method, path, body, **fields)
        responses = self.document["paths"][template][method.lower()]["responses"]
        self.assertIn(str(status), responses, f"{method} {path}: {text}")
        content = responses[str(status)].get("content")
        if content is None:
            self.assertEqual(text, "")
            return None
        value = json.loads(text)
        schema = dict(content["application/json"]["schema"], components=self.document["components"])
        jsonschema.Draft202012Validator(schema).validate(value)
        return value

    def test_the_document_is_valid(self) -> None:
        if not VALIDATOR.exists():
            self.skipTest("openapi-spec-validator is not installed")
        done = subprocess.run(
            [VALIDATOR, "-"],
            input=json.dumps(self.document),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_schemas_are_schemas(self) -> None:
        for schema in self.document["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)

    def test_all_routes_are_in_the_document(self) -> None:
        for path in (
            "/",
            "/json",
            "/plaintext",
            "/echo",
            "/db",
            "/queries",
            "/updates",
            "/fortunes",
            "/crud/items/{id}",
            "/api-docs",
            "/api-docs/openapi.json",
        ):
            self.assertIn(path, self.document["paths"])
        self.assertEqual(set(self.document["paths"]["/crud/items/{id}"]), {"get", "put"})


if __name__ == "__main__":
    unittest.main()
