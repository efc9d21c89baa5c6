"""Chromium without a window, and the server of the page. Both end with the test, however that ends.

Needs Debian's chromium, chromium-driver and python3-selenium: without them the test that imports it is skipped.
"""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    from selenium import webdriver
    from selenium.webdriver.chromium.remote_connection import ChromiumRemoteConnection
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait
except ModuleNotFoundError as error:
    print(f"python3-selenium is not installed: {error}")
    sys.exit(77)

CHROMIUM, DRIVER = pathlib.Path("/usr/bin/chromium"), pathlib.Path("/usr/bin/chromedriver")
FOLDER = pathlib.Path(__file__).parent
PATIENCE = 30  # seconds; only a broken page needs them

if not (CHROMIUM.exists() and DRIVER.exists()):
    print("chromium or chromium-driver is not installed")
    sys.exit(77)


@contextlib.contextmanager
def page_server():
    """The origin of the server."""
    with subprocess.Popen(
        [os.environ["CHOPIN_PAGE_SERVER"], FOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


@contextlib.contextmanager
def chromedriver(home):
    """Its address. The kernel kills it with this process; Chromium ends when its pipe to the driver closes."""
    command = ["setpriv", "--pdeathsig", "KILL", DRIVER, "--port=0"]
    environment = {"PATH": os.environ["PATH"], "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        try:
            for line in process.stdout:
                if port := re.search(r"started successfully on port (\d+)", line):
                    yield f"http://127.0.0.1:{port[1]}"
                    return
            raise RuntimeError("chromedriver does not start")
        finally:
            process.kill()


@contextlib.contextmanager
def browser():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, chromedriver(home) as address:
        options = webdriver.ChromeOptions()
        options.binary_location = str(CHROMIUM)
        for argument in (
            "--no-sandbox",
            "--headless=new",
            "--disable-dev-shm-usage",
            "--remote-debugging-pipe",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--no-proxy-server",
            f"--user-data-dir={home}/profile",
            "--window-size=1280,900",
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        connection = ChromiumRemoteConnection(
            remote_server_addr=address, vendor_prefix="goog", browser_name="chrome", ignore_proxy=True
        )
        driver = webdriver.Remote(command_executor=connection, options=options)
        try:
            driver.set_page_load_timeout(PATIENCE)
            yield Browser(driver)
        finally:
            driver.quit()


class Browser:
    def __init__(self, driver):
        self.driver = driver

    def wait(self, condition):
        """What the condition returns once that is true."""
        return WebDriverWait(self.driver, PATIENCE, poll_frequency=0.02).until(lambda _: condition())

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def command(self, name, **parameters):
        """One of the Chrome DevTools Protocol."""
        return self.driver.execute("executeCdpCommand", {"cmd": name, "params": parameters})["value"]

    def find(self, selector, within=None):
        return (within or self.driver).find_element(By.CSS_SELECTOR, selector)

    def find_all(self, selector, within=None):
        return (within or self.driver).find_elements(By.CSS_SELECTOR, selector)

    def use_scheme(self, scheme):
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def use_size(self, width, height):
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    def take_console(self):
        """What the console has got since the last call, without what is of no interest."""
        return [entry for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def take_requests(self):
        """The URLs of the requests since the last call."""
        messages = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]
