#!/usr/bin/env python3
"""The requests that are tried on the page of the API's documentation, and their responses. See test_page.py."""

import json
import unittest

from page_case import PageCase
from selenium.webdriver.support.ui import Select

TOKEN = "header.payload.signature"  # of page_server.cpp


class Page(PageCase):
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


if __name__ == "__main__":
    unittest.main()
