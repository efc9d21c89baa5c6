"""The routes with a database, against the rules of the benchmarks that they are for: TechEmpower's and HttpArena's.

By hand: CHOPIN=build/debug/chopin python3 tests/app/test_database_routes.py InMemory
"""

import contextlib
import json
import re
import unittest

import fortunes_rules
from async_db_rules import AsyncDbRules
from crud_rules import CrudRules
from database_server import connected, file_database, postgres_database, serving, unused_port, wait_until
from techempower_rules import TechEmpowerRules

JSON_TYPE = re.compile(r"application/json(; ?charset=(UTF|utf)-8)?")
HTML_TYPE = re.compile(r"text/html; ?charset=(UTF|utf)-8")

# As the benchmarks make them, with no index but the primary keys.
TABLES_OF_OTHERS = """
    CREATE TABLE World (id integer NOT NULL, randomNumber integer NOT NULL DEFAULT 0, PRIMARY KEY (id));
    INSERT INTO World SELECT id, 7 FROM generate_series(1, 10000) AS id;
    CREATE TABLE Fortune (id integer NOT NULL, message varchar(2048) NOT NULL, PRIMARY KEY (id));
    INSERT INTO Fortune VALUES (1, 'b'), (2, '<a>');
    CREATE TABLE items (
      id integer PRIMARY KEY, name text NOT NULL, category text NOT NULL, price integer NOT NULL,
      quantity integer NOT NULL, active boolean NOT NULL, tags jsonb NOT NULL, rating_score integer NOT NULL,
      rating_count integer NOT NULL);
    INSERT INTO items SELECT id, 'a', 'b', 20, 1, false, '["x", "y"]', 3, 4 FROM generate_series(1, 100) AS id;
    GRANT ALL ON ALL TABLES IN SCHEMA public TO chopin;
"""


class Rules(TechEmpowerRules, AsyncDbRules, CrudRules):
    """For all databases."""

    def test_responses_say_type_length_server_and_date_and_are_not_compressed(self):
        types = {
            "/db": JSON_TYPE,
            "/queries?queries=2": JSON_TYPE,
            "/updates?queries=2": JSON_TYPE,
            "/cached-queries?count=2": JSON_TYPE,
            "/fortunes": HTML_TYPE,
            "/async-db": JSON_TYPE,
            "/crud/items": JSON_TYPE,
            "/crud/items/1": JSON_TYPE,
        }
        for path, content_type in types.items():
            with self.subTest(path):
                response = self.client.get(path, {"Accept-Encoding": "gzip, deflate, br"})
                self.assertEqual(response.status, 200)
                self.assertRegex(response.headers["Content-Type"], f"^{content_type.pattern}$")
                self.assertEqual(int(response.headers["Content-Length"]), len(response.content))
                self.assertEqual(response.headers["Server"], "chopin")
                self.assertTrue(response.headers["Date"])
                self.assertIsNone(response.headers["Content-Encoding"])

    def test_the_date_goes_on(self):
        first = self.client.get("/db").headers["Date"]
        wait_until(lambda: self.client.get("/db").headers["Date"] != first, seconds=3)

    def test_head_gives_the_head_alone(self):
        response = self.client.ask("HEAD", "/db")
        self.assertEqual((response.status, response.content), (200, b""))


class InMemory(Rules, unittest.TestCase):
    @staticmethod
    def database():
        return contextlib.nullcontext("sqlite::memory:")


class InFile(Rules, unittest.TestCase):
    database = staticmethod(file_database)


class InPostgres(Rules, unittest.TestCase):
    database = staticmethod(postgres_database)

    def commits_of(self, requests):
        """The transactions of a server that gets these, besides those of its start."""
        before = self.counted.commits()
        with serving(self.counted.url, workers=1) as server, connected(server) as client:
            for path in ("/db", "/queries?queries=20", "/updates?queries=20", "/fortunes", *requests):
                client.json(path) if path != "/fortunes" else client.get(path)
        return self.counted.commits() - before

    def test_the_tables_have_as_many_rows_as_the_benchmarks_want(self):
        counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in ("world", "cachedworld", "fortune", "items"))
        with postgres_database() as database:
            self.assertEqual(database.execute(f"SELECT {counts}", database.name), "10000|10000|12|100000")

    def test_tables_that_another_program_has_made_are_served_as_they_are(self):
        with (
            postgres_database(TABLES_OF_OTHERS) as database,
            serving(database.url) as server,
            connected(server) as client,
        ):
            self.assertEqual(client.json("/db")["randomNumber"], 7)
            self.assertEqual(len(client.json("/updates?queries=20")), 20)
            page = fortunes_rules.read(client.get("/fortunes").content.decode())
            self.assertEqual([text for text in page if len(text) == 1 or text == "<a>"], ["2", "<a>", "0", "1", "b"])
            item = client.json("/async-db?limit=1")["items"][0]
            self.assert_is_item(item)
            self.assertEqual(item["tags"], ["x", "y"])
            # Without the table it is a fault of the database, which says no more to a client.
            response = client.get("/cached-queries")
            self.assertEqual(response.status, 500)
            self.assertEqual(json.loads(response.content)["error"]["code"], "DATABASE_ERROR")
            self.assertNotIn(b"cachedworld", response.content)
            server.wait_for_log("cachedworld")

    def test_each_query_is_a_transaction_of_its_own_but_where_a_route_says_otherwise(self):
        requests = [*["/db"] * 3, *["/queries?queries=20"] * 5, *["/updates?queries=20"] * 2, "/fortunes"]
        with postgres_database() as self.counted:
            # The server's own housekeeping counts too, but rarely twice.
            for expected, added in ((3 + 5 * 20 + 2 * 21 + 1, requests), (4, ["/queries/together?queries=20"] * 4)):
                for _ in range(3):
                    extra = self.commits_of(added) - self.commits_of([])
                    if extra == expected:
                        break
                self.assertEqual(extra, expected)


class WithoutADatabase(unittest.TestCase):
    PATHS = (
        "/db",
        "/queries",
        "/queries/together",
        "/updates",
        "/fortunes",
        "/cached-queries",
        "/crud/items",
        "/crud/items/1",
    )

    def test_the_routes_are_not_there_if_there_is_to_be_none(self):
        with serving("none") as server, connected(server) as client:
            for path in (*self.PATHS, "/async-db"):
                self.assertEqual(client.get(path).status, 404, path)

    def test_the_routes_say_when_to_come_back_while_it_is_away(self):
        with serving(f"postgres://nobody@127.0.0.1:{unused_port()}/none") as server, connected(server) as client:
            for path in self.PATHS:
                response = client.get(path)
                self.assertEqual(response.status, 503, path)
                self.assertEqual(response.headers["Retry-After"], "1")
                self.assertEqual(json.loads(response.content)["error"]["code"], "SERVICE_UNAVAILABLE")
            self.assertEqual(client.get("/async-db").content, b'{"items":[],"count":0}')
            self.assertEqual(client.get("/json").status, 200)


if __name__ == "__main__":
    unittest.main()
