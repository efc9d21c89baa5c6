"""The routes of TechEmpower's rules, on any database."""

import fortunes_rules
from database_case import DatabaseCase

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


class TechEmpowerRules(DatabaseCase):
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
