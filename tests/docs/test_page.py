#!/usr/bin/env python3
"""The page of the API's documentation, in Chromium: what it shows, and to whom.

CHOPIN_PAGE_SERVER is tests/docs/page_server.cpp. With CHOPIN_PAGE_SHOTS, a folder, pictures of the page are left there.
By hand: CHOPIN_PAGE_SERVER=build/debug/tests/page_server /usr/bin/python3 tests/docs/test_page.py
"""

import itertools
import json
import unittest

from page_case import FAINT_TEXTS, PageCase
from selenium.webdriver.common.keys import Keys


class Page(PageCase):
    # ---- What it shows. ----

    def test_it_shows_the_operations_by_their_tags_and_those_without_one_last(self):
        self.open()
        self.assertEqual(self.browser.driver.title, "Corner shop")
        self.assertEqual(self.texts("h1"), ["Corner shop 2.1.0"])
        self.assertIn("who may change them", self.browser.find("#description").text)
        self.assertEqual(self.texts("h2"), ["items", "users", "forms", "Other"])
        self.assertEqual(
            self.visible_operations(),
            [
                "GET/items",
                "POST/items",
                "GET/items/{id}",
                "DELETE/items/{id}",
                "POST/login",
                "GET/me",
                "POST/texts",
                "POST/forms",
                "GET/health",
                "GET/large-numbers",
            ],
        )
        for method, path, marks in (("POST", "/items", ["token"]), ("GET", "/items", []), ("GET", "/me", ["token"])):
            self.assertEqual(self.texts(".mark", self.operation(method, path)), marks)
        self.assertEqual(self.texts(".mark", self.operation("GET", "/large-numbers")), ["deprecated"])
        self.shot("light")

    def test_it_shows_parameters_with_their_rules(self):
        self.open()
        view = self.expand("GET", "/items")
        self.assertEqual(
            self.texts("ul.schema > li", view),
            [
                "page integer (int32) query 1 to 1000, default 1\nWhich page.",
                'category Category: "light" | "chair" | "table" query',
                "active boolean query",
                "tag string[] query items ≤ 5, each length 1 to 20\nItems with all of these.",
                "X-Version string header",
            ],
        )
        view = self.expand("GET", "/items/{id}")
        self.assertEqual(
            self.texts("ul.schema > li", view),
            ["id string path required length 1 to 40, matches ^[a-z0-9/-]+$\nThe item's name in URLs."],
        )

    def test_it_shows_the_schemas_of_bodies_and_responses(self):
        self.open()
        view = self.expand("POST", "/items")
        body, created = self.browser.find_all("div.schema", view)[:2]
        self.assertEqual(
            self.texts("li", body),
            [
                "name string required length 1 to 80",
                "price number required > 0",
                'category Category: "light" | "chair" | "table"',
                "count integer 1 to 1000, default 1",
                "note string | null",
                "since string (date)",
            ],
        )
        lines = self.texts("li", created)
        self.assertEqual(lines[0], "success true required")
        self.assertTrue(lines[1].startswith("data Item required"), lines[1])
        for line in (
            "id integer (int64) required ≥ 1",
            "tags string[] required items ≤ 10, each matches ^[a-z]+$",
            "sold string (date-time) | null",
            "parts Item[]\nItems that it consists of.",
        ):
            self.assertIn(line, lines)
        statuses = self.texts(".columns > div > details > summary code", view)
        self.assertEqual(statuses, ["201", "401", "409", "422"])
        login = self.expand("GET", "/me")
        self.assertIn('roles ("user" | "admin")[] required', self.texts("li", login))

    def test_the_filter_leaves_what_has_all_words(self):
        self.open()
        field = self.browser.find("#filter")
        for words, shown in {
            "DELETE": ["DELETE/items/{id}"],
            "item add": ["POST/items"],
            "/me": ["GET/me"],
            "who": ["GET/me"],
            "nothing of the kind": [],
        }.items():
            with self.subTest(words):
                field.clear()
                field.send_keys(words)
                count = f"{len(shown)} of 10 operations"
                self.browser.wait(lambda count=count: self.browser.find("#count").text == count)
                self.assertEqual(self.visible_operations(), shown)
                groups = [heading for heading in self.browser.find_all("h2") if heading.is_displayed()]
                self.assertLessEqual(len(groups), len(shown))
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(Keys.DELETE)
        self.assertEqual(len(self.visible_operations()), 10)

    # ---- By keyboard, on small screens, in the dark. ----

    def test_it_can_be_used_by_keyboard_alone(self):
        self.open()
        self.tab_to(lambda element: element.get_attribute("id") == "filter")
        self.press("read")
        self.tab_to(lambda element: element.tag_name == "summary" and "{id}" in element.text)
        view = self.operation("GET", "/items/{id}")
        self.press(Keys.ENTER)
        self.browser.wait(lambda: self.browser.find_all(".try", view))
        self.tab_to(lambda element: element.tag_name == "input")
        self.press(Keys.CONTROL, "a")
        self.press("sofa")
        self.tab_to(lambda element: element.text == "Send")
        self.press(Keys.SPACE)
        self.assertEqual(self.response(view)[0], "200 OK")
        self.assertEqual(json.loads(self.response(view)[1])["data"]["target"], "/items/sofa")
        self.tab_to(lambda element: element.get_attribute("aria-label") == "Body of the response")

    def test_its_parts_have_roles_and_names(self):
        self.open()
        view = self.expand("POST", "/items")
        for selector in ("header", "main", "[role=search]", "h1", ".status[role=status]", "#count[role=status]"):
            self.assertEqual(len(self.browser.find_all(selector)), 1, selector)
        for control in self.browser.find_all("input, textarea, select, button, [tabindex]"):
            self.assertTrue(control.accessible_name, control.get_attribute("outerHTML"))
        self.assertEqual(len(self.browser.find_all("h3", view)), 1)
        levels = [int(heading.tag_name[1]) for heading in self.browser.find_all("h1, h2, h3, h4")]
        self.assertTrue(all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels)

    def test_texts_have_contrast_in_light_and_dark_and_nothing_is_too_wide_for_a_telephone(self):
        self.expected_errors = [404]
        self.open()
        for method, path in (("POST", "/items"), ("DELETE", "/items/{id}"), ("POST", "/login"), ("GET", "/items")):
            self.send(self.expand(method, path))
        for scheme in ("light", "dark"):
            self.browser.use_scheme(scheme)
            self.assertEqual(self.browser.run(FAINT_TEXTS), [])
            for width in (360, 840, 1280):
                self.browser.use_size(width, 800)
                root = self.browser.find("html")
                self.assertEqual(root.get_property("scrollWidth"), root.get_property("clientWidth"), width)
                self.shot(f"{scheme}-{width}")


if __name__ == "__main__":
    unittest.main()
