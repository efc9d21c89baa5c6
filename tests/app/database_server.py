"""The server on a database that is made for it, and what a client asks of it.

CHOPIN is the executable. CHOPIN_POSTGRES is the state of tests/harness/postgres_server.
"""

import contextlib
import http.client
import itertools
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time

PATIENCE = 60  # seconds; only a broken server needs them
_count = itertools.count()


class Connection:
    """To one server, kept for all its requests."""

    def __init__(self, port):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def ask(self, method, path, body=None, fields=None):
        """The response, with its bytes as `content`."""
        fields = dict(fields or {})
        if body is not None:
            fields.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._connection.request(method, path, body, fields)
        response = self._connection.getresponse()
        response.content = response.read()
        return response

    def get(self, path, fields=None):
        return self.ask("GET", path, fields=fields)

    def json(self, path):
        response = self.get(path)
        assert response.status == 200, (path, response.status, response.content)
        return json.loads(response.content)

    def close(self):
        self._connection.close()


class Server:
    def __init__(self, url, workers=2):
        self._output = tempfile.TemporaryFile("a+")  # noqa: SIM115
        command = [os.environ["CHOPIN"], "--port", "0", "--workers", str(workers), "--mode", "performance"]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self._output, text=True, env=environment(url)
        )
        for line in self._process.stdout:
            address = re.search(r"127\.0\.0\.1:(\d+)", line)
            if address:
                self.port = int(address[1])
                return
        raise RuntimeError(f"the server says no address: {self.log()}")

    def wait_for_log(self, text):
        """A thread writes the log, so that a response may be there before its lines."""
        deadline = time.monotonic() + 10
        while text not in self.log():
            assert time.monotonic() < deadline, f"not in the log: {text}: {self.log()}"
            time.sleep(0.01)

    def log(self):
        self._output.seek(0)
        return self._output.read()

    def stop(self):
        self._process.terminate()
        try:
            status = self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
        assert status == 0, f"status {status}: {self.log()}"
        self._output.close()


def environment(url):
    """The caller's other settings must not reach the server."""
    kept = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
    return {"PATH": os.environ["PATH"], "ENVIRONMENT": "production", "DATABASE_URL": url, **kept}


@contextlib.contextmanager
def serving(url, **options):
    server = Server(url, **options)
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def connected(server):
    connection = Connection(server.port)
    try:
        yield connection
    finally:
        connection.close()


def fill(url):
    """Makes the tables and their rows."""
    for command in ("migrate", "seed"):
        subprocess.run(
            [os.environ["CHOPIN"], command],
            env=environment(url),
            check=True,
            timeout=PATIENCE,
            stdout=subprocess.DEVNULL,
        )


@contextlib.contextmanager
def file_database():
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite://{folder}/chopin.db"
        fill(url)
        yield url


class Postgres:
    """A database of its own on the tests' server."""

    def __init__(self):
        facts = (pathlib.Path(os.environ["CHOPIN_POSTGRES"]) / "facts").read_text()
        self._facts = dict(line.split("=", 1) for line in facts.splitlines())
        self.name = f"routes_{os.getpid()}_{next(_count)}"
        self.execute(f"CREATE DATABASE {self.name} OWNER chopin")
        self.url = self._facts["url"].replace("/chopin?", f"/{self.name}?")

    def execute(self, sql, database="chopin"):
        """As superuser, by default from outside. The rows as text."""
        # The password is not among the arguments, which a failure would print.
        known = {"PATH": os.environ["PATH"], "PGPASSWORD": self._facts["password"], "PGSSLMODE": "disable"}
        done = subprocess.run(
            [
                "psql",
                "--no-psqlrc",
                "--tuples-only",
                "--no-align",
                "--command",
                sql,
                "--host",
                "127.0.0.1",
                "--port",
                self._facts["port"],
                "--username",
                "postgres",
                database,
            ],
            env=known,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return done.stdout.strip()

    def commits(self):
        """Transactions in this database, once all who were connected to it have left and told theirs."""
        wait_until(lambda: self.execute(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{self.name}'") == "0")
        return int(self.execute(f"SELECT xact_commit FROM pg_stat_database WHERE datname = '{self.name}'"))

    def drop(self):
        self.execute(f"DROP DATABASE {self.name} WITH (FORCE)")


@contextlib.contextmanager
def postgres_database(tables=None):
    """With the server's own tables, or with those that this SQL makes."""
    database = Postgres()
    try:
        if tables is None:
            fill(database.url)
        else:
            database.execute(tables, database.name)
        yield database
    finally:
        database.drop()


def unused_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


def wait_until(condition, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
