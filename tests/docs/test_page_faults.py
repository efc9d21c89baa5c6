#!/usr/bin/env python3
"""What is wrong with a document, or meant to be, on the page of the API's documentation. See test_page.py."""

import json
import unittest

from page_case import PageCase

HOSTILE = """<img src=x onerror="document.title='taken'">"""


class Page(PageCase):
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
