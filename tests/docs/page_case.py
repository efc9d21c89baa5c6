"""What the tests of the page have in common."""

import json
import os
import pathlib
import subprocess
import unittest

from browser import PATIENCE, browser, page_server
from selenium.webdriver.common.keys import Keys

# Contrasts below WCAG's AA of visible texts with their background (WCAG 2.2, success criterion 1.4.3).
FAINT_TEXTS = """
  const numbers = (color) => color.match(/[0-9.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = numbers(color).map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return (numbers(color)[3] ?? 1) === 0 ? background(element.parentElement) : color;
  };
  const faint = [];
  const judge = (element, text, color) => {
    const [low, high] = [luminance(color), luminance(background(element))].sort((a, b) => a - b);
    if ((high + 0.05) / (low + 0.05) < 4.5) faint.push([text, color, background(element)]);
  };
  for (const element of document.querySelectorAll("body *")) {
    if (!element.checkVisibility()) continue;
    const own = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("").trim();
    if (own || "value" in element) judge(element, own, getComputedStyle(element).color);
    if (element.placeholder) judge(element, element.placeholder, getComputedStyle(element, "::placeholder").color);
  }
  return faint;
"""


class PageCase(unittest.TestCase):
    """One browser and one server for all tests; after each one console and requests are judged."""

    @classmethod
    def setUpClass(cls):
        cls.origin = cls.enterClassContext(page_server())
        cls.browser = cls.enterClassContext(browser())

    def setUp(self):
        self.expected_errors = []  # statuses that the console may name
        self.browser.use_scheme("light")
        self.browser.use_size(1280, 900)
        self.browser.driver.get("about:blank")
        self.browser.take_console()
        self.browser.take_requests()

    def tearDown(self):
        for entry in self.browser.take_console():
            self.assertEqual(entry["source"], "network", entry)
            self.assertTrue(any(f"status of {status}" in entry["message"] for status in self.expected_errors), entry)
        for url in self.browser.take_requests():
            self.assertTrue(url.startswith(self.origin + "/") or url == "about:blank", url)

    def open(self, path="/api-docs"):
        self.browser.driver.get(self.origin + path)
        self.browser.wait(lambda: self.browser.find("#tools").is_displayed() or self.browser.find_all("#notice.bad"))

    def shot(self, name):
        if folder := os.environ.get("CHOPIN_PAGE_SHOTS"):
            height = self.browser.run("return document.documentElement.scrollHeight")
            width = self.browser.run("return innerWidth")
            self.browser.use_size(width, height)
            self.browser.driver.save_screenshot(str(pathlib.Path(folder, f"{name}.png")))
            self.browser.use_size(width, 900)

    def operation(self, method, path):
        for view in self.browser.find_all(".operation"):
            if self.browser.find("h3", view).get_attribute("textContent") == method + path:
                return view
        raise AssertionError(f"there is no {method} {path}")

    def expand(self, method, path):
        view = self.operation(method, path)
        self.browser.find("summary", view).click()
        self.browser.wait(lambda: self.browser.find_all(".try", view))
        return view

    def control(self, view, label):
        for one in self.browser.find_all("label", view):
            if one.text == label:
                return self.browser.find("#" + one.get_attribute("for"))
        raise AssertionError(f"there is no {label}")

    def fill(self, view, label, text):
        control = self.control(view, label)
        control.clear()
        control.send_keys(text)

    def send(self, view):
        """The first words of the status line, and the body as shown."""
        self.browser.find(".send", view).click()
        return self.response(view)

    def response(self, view):
        status = self.browser.find(".status", view)
        self.browser.wait(lambda: status.get_attribute("class") != "status ")
        bodies = self.browser.find_all("[aria-label='Body of the response']", view)
        return status.text.split(" · ")[0], bodies[0].text if bodies else None

    def echoed(self, view):
        status, body = self.send(view)
        self.assertEqual(status, "200 OK")
        return json.loads(body)["data"]

    def run_curl(self, view):
        command = self.browser.find("[aria-label='curl command']", view).text
        done = subprocess.run(
            ["bash", "-c", command + f" --silent --max-time {PATIENCE}"], capture_output=True, check=True
        )
        return json.loads(done.stdout)["data"]

    def texts(self, selector, within=None):
        return [element.text for element in self.browser.find_all(selector, within)]

    def visible_operations(self):
        return [
            heading.get_attribute("textContent")
            for heading in self.browser.find_all(".operation h3")
            if heading.is_displayed()
        ]

    def press(self, *keys):
        self.browser.driver.switch_to.active_element.send_keys(*keys)

    def tab_to(self, is_it):
        for _ in range(60):
            self.press(Keys.TAB)
            element = self.browser.driver.switch_to.active_element
            outline = element.value_of_css_property("outline-style")
            self.assertEqual(outline, "solid", element.get_attribute("outerHTML"))
            if is_it(element):
                return element
        raise AssertionError("the key does not get there")
