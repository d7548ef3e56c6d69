#!/usr/bin/env python3
"""Looks at a report of captions and at a page that `vignette alt` has filled, in headless Chromium.

    apt-get install -y chromium chromium-driver && pip install selenium
    python3 Tests/Clients/pages.py REPORT.html FILLED.html FOLDER

Screenshots (light, dark, narrow, filtered, edited) go to FOLDER. A caption is edited by the keyboard, and saved as JSONL and CSV,
which are read back; the edit has to be there after the page is loaded again. In the filled page, each image has to be shown
and to have an alternative text. The exit status is 1 when anything isn't so, or when the console has an error.
"""
import csv
import json
import pathlib
import sys
import time

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

TEXT = 'Edited: a cat, a "dog" & <b>more</b> – café'


def browser(downloads):
    options = webdriver.ChromeOptions()
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "window-size=1280,960", "hide-scrollbars"):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)})
    return driver


def wait(what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = what()
        if result:
            return result
        time.sleep(0.1)
    raise AssertionError("nothing came")


class Check:
    def __init__(self, driver, folder):
        self.driver, self.folder, self.failures = driver, folder, 0

    def that(self, fact, text):
        print("ok  " if fact else "FAIL", text)
        self.failures += not fact

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def shot(self, name):
        self.driver.save_screenshot(str(self.folder / f"{name}.png"))

    def scheme(self, value):
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": value}]})

    def shown(self):
        return "return [...document.images].every((i) => i.loading === 'lazy' && !i.complete || i.complete && i.naturalWidth > 0)"

    def report(self, path):
        self.driver.get(path.as_uri())
        rows = json.loads(self.driver.execute_script("return document.getElementById('rows').textContent"))
        self.driver.execute_script("localStorage.clear()")
        self.driver.refresh()
        count = len(self.all("article"))
        self.that(count == min(60, len(rows)), f"{count} of {len(rows)} images on the first page")
        wait(lambda: self.driver.execute_script(self.shown()))
        first = self.one("article img")
        self.that(first.get_property("naturalWidth") > 0, "the first image is shown")
        self.that(len(first.get_attribute("alt")) > 0, "and has its caption for a text")
        self.shot("report-light")
        self.scheme("dark")
        self.shot("report-dark")
        dark = self.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
        self.scheme("light")
        light = self.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
        self.that(dark != light, f"dark ({dark}) and light ({light}) differ")
        self.edit(rows)
        self.save(rows)
        self.filter(rows)
        self.driver.set_window_size(500, 900)
        self.shot("report-narrow")
        wide = self.driver.execute_script("return document.documentElement.scrollWidth > innerWidth")
        self.that(not wide, "a narrow window needs no scrolling to the side")
        self.driver.set_window_size(1280, 960)

    def edit(self, rows):
        field = self.one("textarea")
        before = field.get_property("value")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(TEXT)
        self.that("1 edited" in self.one("#summary").text, "an edit is counted")
        field.send_keys(Keys.CONTROL, Keys.ENTER)
        label = self.driver.switch_to.active_element.get_attribute("aria-label")
        self.that(label == self.all("textarea")[1].get_attribute("aria-label"), "Ctrl+Enter goes to the next caption")
        self.shot("report-edited")
        second = self.all("textarea")[1]
        kept = second.get_property("value")
        second.send_keys(" more")
        second.send_keys(Keys.ESCAPE)
        self.that(second.get_property("value") == kept, "Escape undoes an edit")
        self.driver.refresh()
        self.that(self.one("textarea").get_property("value") == TEXT, "the edit is there after loading again")
        self.that(before == rows[0].get("c", before), "what is edited was the first row's caption")

    def save(self, rows):
        captioned = [row for row in rows if "f" not in row]
        self.one("#jsonl").click()
        file = wait(lambda: next(iter(self.folder.glob("*-edited.jsonl")), None))
        wait(lambda: file.stat().st_size)
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        edited = [line for line in lines if "original" in line]
        self.that(len(lines) == len(captioned), f"{len(lines)} lines of JSON are saved")
        self.that([line["caption"] for line in edited] == [TEXT], f"the edited one is {json.dumps(edited[:1], ensure_ascii=False)}")
        self.one("#only").click()
        self.one("#csv").click()
        file = wait(lambda: next(iter(self.folder.glob("*-edited.csv")), None))
        wait(lambda: file.stat().st_size)
        with open(file, newline="") as stream:
            table = list(csv.reader(stream))
        self.that(table[0] == ["file", "caption", "score"] and [row[1] for row in table[1:]] == [TEXT],
                  f"the edited one alone is saved as CSV: {table}")
        self.one("#only").click()

    def filter(self, rows):
        self.one("body").send_keys("/")
        self.that(self.driver.switch_to.active_element.get_attribute("id") == "query", "/ goes to the filter")
        self.one("#query").send_keys("edited café")
        self.that(len(self.all("article")) == 1, "the filter finds the edited caption")
        self.shot("report-filtered")
        self.one("#query").clear()
        self.one("#query").send_keys(" ", Keys.BACKSPACE)
        self.that(len(self.all("article")) == min(60, len(rows)), "and shows all again")
        if len(rows) > 60:
            self.one("#next").click()
            self.that("Page 2 of" in self.one("#page").text, f"pages turn: {self.one('#page').text}")
            self.one("body").send_keys("p")
            self.that("Page 1 of" in self.one("#page").text, "and p turns back")

    def filled(self, path):
        self.driver.get(path.as_uri())
        images = self.driver.execute_script(
            "return [...document.images].map((i) => [i.getAttribute('src'), i.getAttribute('alt'), i.naturalWidth])")
        for source, text, width in images:
            print("    ", source, "→", json.dumps(text, ensure_ascii=False), width)
        self.that(images and all(text is not None for _, text, _ in images), "each image has an alternative text")
        self.that(all(width > 0 for source, _, width in images if not source.startswith("http")), "each is shown")
        self.shot("site")


def main(report, filled, folder):
    folder = pathlib.Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*-edited.*"):
        old.unlink()
    driver = browser(folder)
    try:
        check = Check(driver, folder)
        check.report(pathlib.Path(report).resolve())
        check.filled(pathlib.Path(filled).resolve())
        errors = [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
        check.that(not errors, f"the console is quiet {errors}")
        print(driver.capabilities["browserName"], driver.capabilities["browserVersion"])
        return 1 if check.failures else 0
    finally:
        driver.quit()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
