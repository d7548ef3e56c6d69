#!/usr/bin/env python3
"""Uses the server's page in a headless Chromium as people do, and takes screenshots to look at.

    python3 -m venv .venv && .venv/bin/pip install playwright axe-playwright-python
    .venv/bin/python Tests/Clients/page.py --url http://127.0.0.1:8080/ --output screenshots photo.jpg [photo ...]

Without `--url`, a server of its own stands in, which gives out the page as the Swift files have it, under the same content
security policy, and answers with made-up captions. Chromium is the system's (`apt-get install chromium`), or what
`--chromium` names. Ends with status 1 where something isn't as it should be; the accessibility check is axe-core's.
"""
import argparse
import base64
import json
import mimetypes
import pathlib
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "Sources/VignetteServer/Page"
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")


# The stand-in

def literal(name):
    """The text of a Swift constant `static let name = #\"\"\" … \"\"\"#`."""
    for file in SOURCES.glob("*.swift"):
        match = re.search(rf'static let {name} = #"""\n(.*?)\n( *)"""#', file.read_text(), re.S)
        if match:
            indent = len(match[2])
            return "\n".join(line[indent:] for line in match[1].split("\n"))
    sys.exit(f"no {name} in {SOURCES}")


def assets():
    script = "".join(literal(f"{part}Script") for part in ("server", "heat", "card", "gallery"))
    return {"/": ("text/html; charset=utf-8", literal("markup")), "/page.js": ("text/javascript; charset=utf-8", script),
            "/page.css": ("text/css; charset=utf-8", literal("style")), "/icon.svg": ("image/svg+xml", literal("icon"))}


def made_up(texts, rows=14, columns=14, layers=3):
    def weights(x, y):
        raw = [1 / (1 + 4 * ((c / columns - x) ** 2 + (r / rows - y) ** 2) * 20) for r in range(rows) for c in range(columns)]
        return [round(w / sum(raw), 5) for w in raw]

    captions = []
    for number, text in enumerate(texts):
        words, tokens = [], []
        for index, word in enumerate(text.split()):
            spot = (index + 0.5) / len(text.split())
            maps = [weights(spot, 0.2 + 0.25 * layer) for layer in range(layers)]
            words.append({"text": word, "first_token": index, "token_count": 1, "layers": maps,
                          "weights": [round(sum(m[i] for m in maps) / layers, 5) for i in range(rows * columns)]})
            tokens.append({"id": index, "text": (" " if index else "") + word, "log_probability": -0.4})
        captions.append({"text": text, "log_probability": -3.2 - number, "is_cut_off": False, "tokens": tokens,
                         "attention": {"rows": rows, "columns": columns, "words": words,
                                       "crop": {"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}}})
    return captions


class StandIn(BaseHTTPRequestHandler):
    files = assets()
    key = None

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        if self.path == "/api/v1/info":
            return self.answer(200, "application/json", json.dumps({
                "version": "0.1.0", "models": [{"name": "stand-in"}, {"name": "another"}], "requires_key": bool(self.key)}))
        if self.path not in self.files:
            return self.answer(404, "application/json", json.dumps({"error": {"message": "not here"}}))
        self.answer(200, *self.files[self.path])

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.key and self.headers["Authorization"] != f"Bearer {self.key}":
            return self.answer(401, "application/json", json.dumps({"error": {"message": "this needs the API key"}}))
        name = re.search(rb'filename="([^"]*)"', body)[1].decode()
        count = int((re.search(rb'name="num_return_sequences"\r\n\r\n(\d+)', body) or [0, b"1"])[1])
        beams = int((re.search(rb'name="num_beams"\r\n\r\n(\d+)', body) or [0, b"1"])[1])
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.event("start", {"index": 0, "name": name, "model": "stand-in"})
        if b"not an image" in body:
            self.event("error", {"index": 0, "name": name, "error": {
                "code": "unreadable_image", "message": "this is no image of a kind that is read"}})
        else:
            texts = ["a dog runs across a wide green meadow.", "a brown dog is running.", "dog on grass",
                     "an animal outside", "a meadow with a dog"][:count]
            captions = made_up(texts)
            if beams > 1:
                for number, caption in enumerate(captions):
                    caption["score"] = -0.4 - 0.1 * number
            else:
                for token in captions[0]["tokens"]:
                    self.event("token", {"index": 0, "token": token})
                    time.sleep(0.12)
            self.event("caption", {"index": 0, "name": name, "width": 640, "height": 480, "captions": captions})
        self.event("done", {})

    def event(self, name, data):
        self.wfile.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())
        self.wfile.flush()

    def answer(self, status, kind, text):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(text.encode())


class Locked(StandIn):
    key = "secret"


def serve(handler):
    """The address of a server in the background."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


# What people do

DROP = """([name, type, data]) => {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  transfer.items.add(new File([bytes], name, { type }));
  for (const kind of ["dragover", "drop"])
    document.querySelector("#drop").dispatchEvent(
      new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""
PASTE = DROP.replace('for (const kind of ["dragover", "drop"])', "").replace(
    "new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer })",
    'new ClipboardEvent("paste", { bubbles: true, clipboardData: transfer })')


# Notes each text that the caption grows by on its way.
WATCH = """() => {
  window.streamed = [];
  new MutationObserver(() => {
    const stream = document.querySelector(".stream:not([hidden])");
    if (stream) streamed.push(stream.textContent);
  }).observe(document.querySelector("#gallery"), { subtree: true, childList: true, attributes: true });
}"""


def file(path):
    path = pathlib.Path(path)
    return [path.name, mimetypes.guess_type(path.name)[0], base64.b64encode(path.read_bytes()).decode()]


class Session:
    def __init__(self, browser, url, folder, **settings):
        self.folder = folder
        self.context = browser.new_context(**settings)
        self.page = self.context.new_page()
        self.complaints = []
        self.page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: request.url.startswith((url, "blob:", "data:"))
                     or self.complaints.append(f"asked {request.url}"))
        self.page.goto(url)

    def card(self, number=0):
        return self.page.locator(".card").nth(number)

    def finished(self, number=0):
        expect(self.card(number)).to_have_attribute("aria-busy", "false", timeout=120_000)
        return self.card(number)

    def shoot(self, name):
        self.page.screenshot(path=str(self.folder / f"{name}.png"), full_page=True)

    def check(self, name):
        """axe-core's rules, those of WCAG 2.2 AA among them."""
        result = Axe().run(self.page)
        for violation in result.response["violations"]:
            nodes = ", ".join(str(node["target"]) for node in violation["nodes"])
            self.complaints.append(f"{name}: {violation['id']} ({violation['impact']}): {violation['help']}: {nodes}")
        print(f"{name}: axe-core {result.response['testEngine']['version']}, "
              f"{len(result.response['passes'])} rules passed, {result.violations_count} violated")

    def end(self, allowed=()):
        self.context.close()
        return [text for text in self.complaints if not any(part in text for part in allowed)]


def is_drawn(card):
    """Whether something lies over the image."""
    return card.locator("canvas").evaluate(
        "(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value)")


def light(browser, url, folder, photos):
    session = Session(browser, url, folder, viewport={"width": 1180, "height": 900})
    page = session.page
    session.shoot("1-empty")
    session.check("empty")
    page.evaluate(WATCH)
    page.evaluate(DROP, file(photos[0]))
    page.wait_for_function("streamed.length > 0", timeout=60_000)
    # Of a slow model half a caption; of a quick one, all of it.
    session.shoot("2-streaming")
    card = session.finished()
    whole = card.locator(".words").text_content()
    parts = list(dict.fromkeys(page.evaluate("streamed")))
    assert len(parts) > 2 and all(whole.startswith(part.strip()) for part in parts), (parts, whole)
    assert card.locator("img").get_attribute("alt") == whole
    # The mouse over a word; the words by arrow keys; a layer; a kept word.
    assert not is_drawn(card)
    card.locator(".word").nth(1).hover()
    assert is_drawn(card)
    session.shoot("3-hovered")
    page.mouse.move(0, 0)
    assert not is_drawn(card)
    card.locator(".word").first.focus()
    page.keyboard.press("ArrowRight")
    expect(card.locator(".word").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(card.locator(".word").nth(1)).to_have_attribute("aria-pressed", "true")
    mean = card.locator("canvas").evaluate("(canvas) => canvas.toDataURL()")
    if card.locator(".layers").is_visible():
        card.locator(".layers select").select_option("0")
        assert card.locator("canvas").evaluate("(canvas) => canvas.toDataURL()") != mean
        session.shoot("4-layer")
    # A second image, pasted; a third, chosen; several captions of it.
    page.evaluate(PASTE, file(photos[1 % len(photos)]))
    session.finished(1)
    page.select_option("#count", "3")
    page.set_input_files("#files", photos[2 % len(photos)])
    third = session.finished(2)
    expect(third.locator(".other")).to_have_count(3)
    third.locator(".other").nth(1).click()
    expect(third.locator(".other").nth(1)).to_have_attribute("aria-pressed", "true")
    assert third.locator(".words").text_content() == third.locator(".other").nth(1).locator("span").first.text_content()
    # A file that claims to be an image.
    page.set_input_files("#files", {"name": "notes.png", "mimeType": "image/png", "buffer": b"not an image"})
    bad = session.finished(3)
    expect(bad.locator(".problem")).to_be_visible()
    expect(bad.locator(".again")).to_be_visible()
    session.shoot("5-gallery")
    session.check("gallery")
    bad.locator(".remove").click()
    expect(page.locator(".card")).to_have_count(3)
    expect(third.locator(".remove")).to_be_focused()
    return session.end(allowed=["status of 400"])


def dark(browser, url, folder, photos):
    session = Session(browser, url, folder, viewport={"width": 1180, "height": 900}, color_scheme="dark")
    session.page.set_input_files("#files", photos[:2])
    session.finished()
    session.finished(1)
    session.card().locator(".word").nth(1).click()
    session.shoot("6-dark")
    session.check("dark")
    return session.end()


def narrow(browser, url, folder, photos):
    session = Session(browser, url, folder, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True,
                      device_scale_factor=2)
    page = session.page
    expect(page.locator("#camera-label")).to_be_visible()
    page.set_input_files("#camera", photos[0])
    card = session.finished()
    card.locator(".word").nth(1).tap()
    assert is_drawn(card)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the screen"
    session.shoot("7-narrow")
    session.check("narrow")
    return session.end()


def locked(browser, url, folder, photos):
    """A server that wants a key, at first a wrong one."""
    session = Session(browser, url, folder, viewport={"width": 800, "height": 600})
    page = session.page
    expect(page.locator("#key")).to_be_visible()
    session.shoot("8-key")
    session.check("key")
    page.fill("#key-value", "wrong")
    page.get_by_role("button", name="Use it").click()
    page.evaluate(DROP, file(photos[0]))
    expect(page.locator("#key")).to_be_visible()
    page.fill("#key-value", "secret")
    page.keyboard.press("Enter")
    expect(session.card().locator(".word").first).to_be_visible(timeout=60_000)
    return session.end(allowed=["status of 401"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("photos", nargs="+")
    parser.add_argument("--url")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("screenshots"))
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    url = arguments.url or serve(StandIn)
    complaints = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=arguments.chromium)
        for visit in (light, dark, narrow):
            complaints += visit(browser, url, arguments.output, arguments.photos)
        complaints += locked(browser, serve(Locked), arguments.output, arguments.photos)
        browser.close()
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    print(f"screenshots in {arguments.output}; {len(complaints)} complaints")
    sys.exit(bool(complaints))


if __name__ == "__main__":
    main()
