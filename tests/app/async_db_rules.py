"""The lists of items of HttpArena's async-db, on any database."""

from database_case import DatabaseCase


class AsyncDbRules(DatabaseCase):
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
