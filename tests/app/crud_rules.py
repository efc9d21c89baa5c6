"""Items made, read, changed and listed, as HttpArena's crud wants it, on any database."""

import json

from database_case import DatabaseCase
from database_server import connected, wait_until


class CrudRules(DatabaseCase):
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
