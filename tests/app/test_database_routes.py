"""The routes with a database, against the rules of the benchmarks that they are for: TechEmpower's and HttpArena's.

By hand: CHOPIN=build/debug/chopin python3 tests/app/test_database_routes.py InMemory
"""

import contextlib
import json
import re
import unittest

import fortunes_rules
from database_server import connected, file_database, postgres_database, serving, unused_port, wait_until

JSON_TYPE = re.compile(r"application/json(; ?charset=(UTF|utf)-8)?")
HTML_TYPE = re.compile(r"text/html; ?charset=(UTF|utf)-8")
WORLDS, MOST = 10_000, 500

# What a client may send as a number of rows, and how many it gets.
COUNTS = {
    "2": 2,
    "0": 1,
    "foo": 1,
    "": 1,
    "501": MOST,
    "500": MOST,
    "1": 1,
    "-1": 1,
    "1.5": 1,
    "2x": 1,
    "007": 7,
    "%32": 2,
    "1" + "0" * 30: MOST,
    "-1" + "0" * 30: 1,
}
ROUTES = {"/queries": "queries", "/queries/together": "queries", "/updates": "queries", "/cached-queries": "count"}

ITEM = {
    "id": int,
    "name": str,
    "category": str,
    "price": int,
    "quantity": int,
    "active": bool,
    "tags": list,
    "rating": dict,
}


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


class Rules:
    """For all databases. One server for all tests."""

    @classmethod
    def setUpClass(cls):
        cls.url = cls.enterClassContext(cls.database())
        cls.server = cls.enterClassContext(serving(getattr(cls.url, "url", cls.url)))
        with connected(cls.server) as client:  # a list is empty while the database is on its way up
            wait_until(lambda: client.json("/async-db")["count"] > 0)

    def setUp(self):
        self.client = self.enterContext(connected(self.server))

    def assert_is_world(self, world):
        self.assertEqual(list(world), ["id", "randomNumber"])
        for number in world.values():
            self.assertIs(type(number), int)
            self.assertTrue(1 <= number <= WORLDS, world)

    def worlds(self, requests, path=f"/queries?queries={MOST}"):
        """Numbers by ids, as far as they come up."""
        seen = {}
        for _ in range(requests):
            seen.update((world["id"], world["randomNumber"]) for world in self.client.json(path))
        return seen

    # ---- What holds for every response. ----

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

    # ---- TechEmpower. ----

    def test_db_gives_one_row_and_not_always_the_same(self):
        worlds = [self.client.json("/db") for _ in range(20)]
        for world in worlds:
            self.assert_is_world(world)
        self.assertGreater(len({world["id"] for world in worlds}), 10)

    def test_lists_have_the_length_that_the_rules_say(self):
        for path, parameter in ROUTES.items():
            for text, count in COUNTS.items():
                with self.subTest(path=path, text=text):
                    worlds = self.client.json(f"{path}?{parameter}={text}")
                    self.assertIs(type(worlds), list)
                    self.assertEqual(len(worlds), count)
                    for world in worlds:
                        self.assert_is_world(world)
            self.assertEqual(len(self.client.json(path)), 1, path)

    def test_updates_are_in_the_database_before_the_response(self):
        before = self.worlds(30)
        self.assertGreater(len(before), WORLDS / 2)
        updated = {world["id"]: world["randomNumber"] for world in self.client.json(f"/updates?queries={MOST}")}
        self.assertEqual(len(updated), MOST)
        known = [number for number in updated if number in before]
        changed = sum(before[number] != updated[number] for number in known)
        self.assertGreaterEqual(changed, 0.95 * len(known))
        after = self.worlds(30)
        for number, value in after.items():
            if number in updated:
                self.assertEqual(value, updated[number], number)
            elif number in before:
                self.assertEqual(value, before[number], number)

    def test_fortunes_are_the_page_of_the_rules(self):
        for _ in range(2):  # the row that is added is not kept
            page = self.client.get("/fortunes").content.decode()
            self.assertEqual(fortunes_rules.read(page), fortunes_rules.expected())
            self.assertFalse(fortunes_rules.has_raw_markup(page))

    def test_cached_queries_give_the_rows_of_their_own_table(self):
        for number, value in self.worlds(30, f"/cached-queries?count={MOST}").items():
            self.assertEqual(value, 1 + number * 7907 % WORLDS)  # see src/app/schema.cpp

    # ---- HttpArena's async-db. ----

    def assert_is_item(self, item):
        self.assertEqual({name: type(value) for name, value in item.items()}, ITEM)
        self.assertEqual({name: type(value) for name, value in item["rating"].items()}, {"score": int, "count": int})
        for tag in item["tags"]:
            self.assertIs(type(tag), str)

    def assert_lists_items(self, query, count, prices):
        found = self.client.json(f"/async-db{query}")
        self.assertEqual(list(found), ["items", "count"])
        self.assertEqual((found["count"], len(found["items"])), (count, count), query)
        for item in found["items"]:
            self.assert_is_item(item)
            self.assertIn(item["price"], prices)

    def test_async_db_gives_as_many_items_in_the_range_as_it_may(self):
        for least, most, limit in ((5, 80, 7), (20, 150, 18), (100, 400, 33), (10, 50, 50)):
            self.assert_lists_items(f"?min={least}&max={most}&limit={limit}", limit, range(least, most + 1))

    def test_async_db_has_defaults_and_bounds(self):
        for query, count in (
            ("", 50),
            ("?limit=0", 1),
            ("?limit=51", 50),
            ("?limit=-1", 1),
            ("?limit=1", 1),
            ("?min=foo&max=&limit=foo", 50),
            ("?min=0010&max=0050&limit=0005", 5),
        ):
            self.assert_lists_items(query, count, range(10, 51))

    def test_async_db_without_a_match_gives_an_empty_list(self):
        for query in ("min=9999&max=9999", "min=50&max=10", "min=9" + "9" * 30 + "&max=9" + "9" * 30):
            self.assertEqual(self.client.get(f"/async-db?{query}").content, b'{"items":[],"count":0}')

    # ---- HttpArena's crud. ----

    def test_crud_lists_a_category_page_by_page(self):
        pages = [self.client.json(f"/crud/items?category=office&page={page}&limit=5") for page in ("1", "02", "3")]
        seen = []
        for number, page in enumerate(pages, 1):
            self.assertEqual(list(page), ["items", "total", "page", "limit"])
            self.assertEqual((page["total"], page["page"], page["limit"]), (5, number, 5))
            for item in page["items"]:
                self.assert_is_item(item)
                self.assertEqual(item["category"], "office")
                seen.append(item["id"])
        self.assertEqual(seen, sorted(set(seen)))
        self.assertEqual(len(seen), 15)

    def test_crud_lists_have_defaults_and_bounds(self):
        found = self.client.json("/crud/items")
        self.assertEqual((found["total"], found["page"], found["limit"]), (10, 1, 10))
        self.assertEqual({item["category"] for item in found["items"]}, {"electronics"})
        self.assertEqual(self.client.json("/crud/items?limit=51")["total"], 50)
        self.assertEqual(self.client.json("/crud/items?limit=0")["total"], 1)
        self.assertEqual(self.client.json("/crud/items?page=0")["page"], 1)
        self.assertEqual(self.client.json("/crud/items?category=none")["items"], [])
        self.assertEqual(self.client.json("/crud/items?page=" + "9" * 30)["items"], [])

    def read_item(self, number, cached):
        """On new connections, so by several workers. A try may take longer than the entry lives."""
        for _ in range(50):
            with connected(self.server) as other:
                response = other.get(f"/crud/items/{number}")
            self.assertEqual(response.status, 200)
            if response.headers["X-Cache"] == cached:
                return json.loads(response.content)
        raise AssertionError(f"no {cached} for item {number}")

    def test_crud_remembers_an_item_for_all_connections_but_not_for_long(self):
        first = self.client.get("/crud/items/00042")
        self.assertEqual((first.status, first.headers["X-Cache"]), (200, "MISS"))
        self.assert_is_item(json.loads(first.content))
        self.assertEqual(self.read_item(42, "HIT"), json.loads(first.content))
        # However often it is asked for, it ends.
        wait_until(lambda: self.client.get("/crud/items/42").headers["X-Cache"] == "MISS", seconds=10)

    def test_crud_says_404_for_what_is_not_there(self):
        for number in ("999999", "0", "-1", "foo", "1x", "9" * 30):
            response = self.client.get(f"/crud/items/{number}")
            self.assertEqual(response.status, 404, number)
            self.assertEqual(json.loads(response.content)["error"]["code"], "NOT_FOUND")
        change = {"name": "a", "price": 1, "quantity": 1}
        self.assertEqual(self.client.ask("PUT", "/crud/items/999998", change).status, 404)

    def test_crud_makes_an_item_and_replaces_it(self):
        item = {"id": 200001, "name": 'Lamp "é" \' \\', "category": "test", "price": 30, "quantity": 2}
        for price in (30, 31):
            item["price"] = price
            response = self.client.ask("POST", "/crud/items", item)
            self.assertEqual(response.status, 201)
            made = json.loads(response.content)
            self.assert_is_item(made)
            self.assertEqual({name: made[name] for name in item}, item)
            read = self.client.get("/crud/items/200001")
            self.assertEqual((read.headers["X-Cache"], json.loads(read.content)), ("MISS", made))
        self.assertEqual([found["id"] for found in self.client.json("/crud/items?category=test")["items"]], [200001])

    def test_crud_changes_an_item_and_forgets_what_it_remembered(self):
        for number, change in (
            (77, {"name": "new", "price": 1, "quantity": 2}),
            (78, {"name": "", "price": 0, "quantity": 2**31 - 1, "category": "moved"}),
        ):
            old = self.read_item(number, "HIT")
            response = self.client.ask("PUT", f"/crud/items/{number}", change)
            self.assertEqual(response.status, 200)
            self.assertEqual(json.loads(response.content), {**old, **change})
            with connected(self.server) as other:
                read = other.get(f"/crud/items/{number}")
            self.assertEqual((read.headers["X-Cache"], json.loads(read.content)), ("MISS", {**old, **change}))

    def test_crud_refuses_a_body_that_it_cannot_store_and_says_why(self):
        right = {"id": 300000, "name": "a", "category": "b", "price": 1, "quantity": 1}
        for wrong, name in (
            ({"id": 0}, "id"),
            ({"name": 7}, "name"),
            ({"category": None}, "category"),
            ({"price": 1.5}, "price"),
            ({"price": -1}, "price"),
            ({"quantity": 2**31}, "quantity"),
        ):
            response = self.client.ask("POST", "/crud/items", {**right, **wrong})
            self.assertEqual(response.status, 422, wrong)
            self.assertEqual(list(json.loads(response.content)["error"]["fields"]), [name])
        response = self.client.ask("PUT", "/crud/items/1", {})
        self.assertEqual(list(json.loads(response.content)["error"]["fields"]), ["name", "price", "quantity"])
        self.assertEqual(self.client.ask("POST", "/crud/items", b"{").status, 400)
        self.assertEqual(self.client.ask("POST", "/crud/items", right, {"Content-Type": "text/plain"}).status, 415)
        self.assertEqual(self.client.get("/crud/items/300000").status, 404)

    def test_crud_takes_or_refuses_any_text_but_does_not_fail(self):
        item = {"id": 300001, "name": "\0", "category": "b", "price": 1, "quantity": 1}
        self.assertIn(self.client.ask("POST", "/crud/items", item).status, (201, 422))
        for category in ("%00", "%FF", "%27%20OR%20true%20--", "%ED%A0%80"):
            response = self.client.get(f"/crud/items?category={category}")
            self.assertIn((response.status, json.loads(response.content).get("items")), ((200, []), (422, None)))


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
