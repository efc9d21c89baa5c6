"""What the tests of the routes with a database have in common."""

from database_server import connected, serving, wait_until

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


class DatabaseCase:
    """One server for all tests of a database."""

    @classmethod
    def setUpClass(cls):
        cls.url = cls.enterClassContext(cls.database())
        cls.server = cls.enterClassContext(serving(getattr(cls.url, "url", cls.url)))
        with connected(cls.server) as client:  # a list is empty while the database is on its way up
            wait_until(lambda: client.json("/async-db")["count"] > 0)

    def setUp(self):
        self.client = self.enterContext(connected(self.server))

    def assert_is_item(self, item):
        self.assertEqual({name: type(value) for name, value in item.items()}, ITEM)
        self.assertEqual({name: type(value) for name, value in item["rating"].items()}, {"score": int, "count": int})
        for tag in item["tags"]:
            self.assertIs(type(tag), str)
