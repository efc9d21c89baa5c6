#!/usr/bin/env python3
"""The page of the API's documentation, in Chromium. Needs Debian's chromium, chromium-driver and python3-selenium.

CHOPIN_PAGE_SERVER is tests/docs/page_server.cpp. With CHOPIN_PAGE_SHOTS, a folder, pictures of the page are left there.
By hand: CHOPIN_PAGE_SERVER=build/debug/tests/page_server /usr/bin/python3 tests/docs/test_page.py
"""

import itertools
import json
import sys
import unittest

try:
    from browser import CHROMIUM, DRIVER
except ModuleNotFoundError as error:
    print(f"python3-selenium is not installed: {error}")
    sys.exit(77)
if not (CHROMIUM.exists() and DRIVER.exists()):
    print("chromium or chromium-driver is not installed")
    sys.exit(77)

from page_case import FAINT_TEXTS, PageCase
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

TOKEN = "header.payload.signature"  # of page_server.cpp
HOSTILE = """<img src=x onerror="document.title='taken'">"""


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

    # ---- Trying. ----

    def test_a_get_has_its_parameters_in_path_query_and_fields(self):
        self.open()
        view = self.expand("GET", "/items/{id}")
        self.assertEqual(self.control(view, "id path").get_attribute("value"), "lamp")
        self.fill(view, "id path", "a/b c?ü'\"$(id)")
        self.assertEqual(self.echoed(view)["target"], "/items/a%2Fb%20c%3F%C3%BC'%22%24(id)")
        self.assertEqual(self.run_curl(view)["target"], "/items/a%2Fb%20c%3F%C3%BC'%22%24(id)")
        view = self.expand("GET", "/items")
        self.assertEqual(self.echoed(view)["target"], "/items")
        self.fill(view, "page query", "two & three")
        Select(self.control(view, "category query")).select_by_visible_text("chair")
        Select(self.control(view, "active query")).select_by_visible_text("false")
        self.fill(view, "tag query", "old,red")
        self.fill(view, "X-Version header", "it's 3")
        echoed = self.echoed(view)
        self.assertEqual(echoed["target"], "/items?page=two%20%26%20three&category=chair&active=false&tag=old&tag=red")
        self.assertEqual(echoed["version"], "it's 3")
        self.assertEqual(self.run_curl(view), echoed)
        self.shot("expanded")

    def test_a_path_parameter_is_needed_and_names_no_folder(self):
        self.open()
        view = self.expand("GET", "/items/{id}")
        for text, wrong in {"": "", "..": "No response: id cannot be .."}.items():
            self.fill(view, "id path", text)
            self.browser.find(".send", view).click()
            self.browser.wait(lambda wrong=wrong: self.browser.find(".status", view).text == wrong)
        self.assertNotIn(self.origin + "/items/", self.browser.take_requests())

    def test_a_post_sends_the_body_as_it_is_edited(self):
        self.open()
        view = self.expand("POST", "/items")
        field = self.control(view, "Body application/json")
        self.assertEqual(
            json.loads(field.get_attribute("value")),
            {
                "name": "it's a lamp",
                "price": 12.5,
                "category": "light",
                "count": 1,
                "note": "string",
                "since": "2025-01-31",
            },
        )
        self.assertEqual(json.loads(self.echoed(view)["body"])["name"], "it's a lamp")
        body = '{"name": "\'; id #",\n "price": 12345678901234567890 }'
        field.clear()
        field.send_keys(body)
        echoed = self.echoed(view)
        self.assertEqual((echoed["body"], echoed["type"]), (body, "application/json"))
        self.assertEqual(self.run_curl(view), echoed)
        for path, body in {"/forms": "name=ada&password=stringxxxxxx", "/texts": "a text"}.items():
            self.assertEqual(self.echoed(self.expand("POST", path))["body"], body)

    def test_a_response_has_status_time_fields_and_an_indented_body_with_its_numbers(self):
        self.open()
        view = self.expand("GET", "/large-numbers")
        status, body = self.send(view)
        self.assertEqual(status, "200 OK")
        self.assertEqual(
            body,
            '{\n  "id": 9007199254740993,\n  "empty": [ ],\n  "text": "a,\\"b\\": {",\n'
            '  "list": [\n    1,\n    {\n      "a": null\n    }\n  ]\n}',
        )
        self.assertRegex(self.browser.find(".status", view).text, r"^200 OK · \d+ ms · \d+ bytes$")
        self.browser.find(".try summary", view).click()
        self.assertIn("content-type: application/json", self.texts(".try details pre", view)[0])

    def test_an_error_is_shown_as_it_came(self):
        self.expected_errors = [404]
        self.open()
        view = self.expand("DELETE", "/items/{id}")
        status, body = self.send(view)
        self.assertEqual(status, "404 Not Found")
        self.assertEqual(json.loads(body)["error"]["message"], "there is no such item")
        self.assertIn("bad", self.browser.find(".status", view).get_attribute("class"))

    def test_a_token_is_taken_from_a_response_and_sent_where_it_is_wanted(self):
        self.expected_errors = [401]
        self.open()
        guarded = self.expand("GET", "/me")
        self.assertEqual(self.send(guarded)[0], "401 Unauthorized")
        login = self.expand("POST", "/login")
        self.assertEqual(self.send(login)[0], "200 OK")
        (use,) = [button for button in self.browser.find_all("button", login) if button.text == "Use this token"]
        use.click()
        self.browser.wait(lambda: use.text == "Token in use")
        self.assertEqual(self.browser.find("#token").get_attribute("value"), TOKEN)
        self.assertEqual(self.echoed(guarded)["authorization"], "Bearer " + TOKEN)
        self.assertEqual(self.run_curl(guarded)["authorization"], "Bearer " + TOKEN)
        public = self.expand("GET", "/items/{id}")
        self.assertEqual(self.echoed(public)["authorization"], "")
        self.shot("token")
        kept = self.browser.run("return localStorage.length + sessionStorage.length + document.cookie.length")
        self.assertEqual(kept, 0)
        self.open()
        self.assertEqual(self.browser.find("#token").get_attribute("value"), "")

    def test_the_token_is_hidden_until_it_is_to_be_shown(self):
        self.open()
        field, button = self.browser.find("#token"), self.browser.find("#show")
        for kind, pressed in (("password", "false"), ("text", "true"), ("password", "false")):
            self.assertEqual((field.get_attribute("type"), button.get_attribute("aria-pressed")), (kind, pressed))
            button.click()

    def test_behind_a_prefix_document_and_requests_have_it(self):
        self.open("/shop/api-docs")
        self.assertEqual(self.echoed(self.expand("GET", "/items/{id}"))["target"], "/shop/items/lamp")
        self.assertIn(self.origin + "/shop/api-docs/openapi.json", self.browser.take_requests())

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

    # ---- What is wrong with a document, or meant to be. ----

    def test_a_document_that_cannot_be_shown_is_a_clear_error(self):
        self.expected_errors = [404]
        for folder, wrong in {
            "no-document": "the server responds with 404 Not Found",
            "not-json": "it is not JSON",
            "other-json": "it is not an OpenAPI document",
        }.items():
            with self.subTest(folder):
                self.open(f"/{folder}/api-docs")
                self.assertEqual(
                    self.browser.find("#notice").text,
                    f"{self.origin}/{folder}/api-docs/openapi.json cannot be shown: {wrong}",
                )
        self.shot("failure")

    def test_a_server_that_does_not_respond_is_a_clear_error(self):
        self.open()
        view = self.expand("GET", "/items/{id}")
        self.browser.command("Network.enable")
        network = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.browser.command("Network.emulateNetworkConditions", offline=True, **network)
        try:
            self.assertEqual(self.send(view)[0], "No response: Failed to fetch")
        finally:
            self.browser.command("Network.emulateNetworkConditions", offline=False, **network)
        console = self.browser.take_console()
        self.assertTrue(all("ERR_INTERNET_DISCONNECTED" in entry["message"] for entry in console), console)

    def test_a_hostile_document_or_response_stays_text(self):
        self.open("/hostile/api-docs")
        for heading in self.texts("h3"):
            method, path = heading.split()
            if path != "/endless":
                self.expand(method, path)
        endless = self.operation("GET", "/endless")
        self.browser.find("summary", endless).click()
        self.browser.wait(lambda: self.texts(".bad", endless))
        self.assertEqual(self.texts(".bad", endless), ["This cannot be shown: Maximum call stack size exceeded"])
        for path, body in {"/page.json": json.dumps({"name": HOSTILE}, indent=2), "/page.txt": HOSTILE}.items():
            self.assertEqual(self.send(self.operation("GET", path)), ("200 OK", body))
        self.assertIn(HOSTILE, self.texts(".operation summary .about"))
        self.assertEqual(self.browser.driver.title, "Hostile " + HOSTILE)
        self.assertEqual(self.browser.find_all("img, [onfocus], [onerror], [onclick], [style]"), [])
        self.assertEqual(len(self.browser.find_all("script")), 1)
        self.assertNotIn("@example.com", self.browser.find("main").text)
        self.shot("hostile")

    def test_the_policy_stops_what_would_slip_through(self):
        self.open()
        for script in (
            "document.body.innerHTML = '<p>'",
            "document.querySelector('main').setAttribute('style', 'color: red')",
            "const one = document.createElement('script'); one.text = 'document.title = 1'; document.body.append(one)",
        ):
            self.browser.run(f"try {{ {script} }} catch {{}}")
        self.assertEqual(self.browser.driver.title, "Corner shop")
        self.assertTrue(self.browser.find("#tools").is_displayed())
        self.assertEqual(
            self.browser.find("main").value_of_css_property("color"),
            self.browser.find("body").value_of_css_property("color"),
        )
        self.assertTrue(self.browser.take_console())


if __name__ == "__main__":
    unittest.main()
