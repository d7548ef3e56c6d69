#!/usr/bin/env python3
"""Fifty posts at a time at `vignette serve`, good and bad ones: each good one gets its caption, each bad one its status,
nothing leaks, and what was taken when SIGTERM comes is finished.

    python3 Tests/Clients/storm.py --vignette .build/release/vignette [--model FOLDER] [IMAGE …]

Python's own library is all it needs.
"""
import argparse
import collections
import http.client
import json
import random
import socket
import threading
import time

import served

KEY = "storm"
LIMIT = 1 << 20
parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--rounds", type=int, default=6, help="of fifty posts each")
given = served.arguments(parser)
server = served.Server(
    given.vignette, given.model, "--api-key", KEY, "--max-new-tokens", "8", "--max-body-bytes", str(LIMIT), "--read-timeout",
    "3", "--queue-size", "256")
expected = {path: texts[0] for path, texts in served.captions(
    given.vignette, given.model, given.images, "--max-new-tokens", "8").items()}
images = [(image.read_bytes(), expected[str(image)]) for image in given.images if image.stat().st_size <= LIMIT]
outcomes = collections.defaultdict(collections.Counter)
lock = threading.Lock()
wrong = []


def note(kind, status, want):
    with lock:
        outcomes[kind][status] += 1
        if status != want:
            wrong.append((kind, status))


def post(body, path="/", headers=None, timeout=60):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=timeout)
    try:
        connection.request("POST", path, body, {"Authorization": f"Bearer {KEY}", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def good(stream=False):
    data, caption = random.choice(images)
    if stream:
        status, body = post(data, "/api/v1/caption?stream=true")
        texts = [json.loads(line[6:])["token"]["text"] for line in body.decode().splitlines()
                 if line.startswith("data: ") and '"token":' in line and '"captions"' not in line]
        is_right = "".join(texts) == caption
    else:
        status, body = post(data)
        is_right = status == 200 and json.loads(body)[0]["generated_text"] == caption
    note("good, streamed" if stream else "good", status if is_right else "wrong caption", 200)


def streamed():
    good(stream=True)


def oversized():
    """Says how much it will send, and sends as much as it gets rid of."""
    try:
        status, _ = post(b"a" * (4 * LIMIT))
    except (BrokenPipeError, ConnectionResetError):
        status = "no answer"
    note("oversized", status, 413)


def corrupt():
    data, _ = random.choice(images)
    note("corrupt", post(data[:len(data) // 2])[0], 400)


def noise():
    note("noise", post(random.randbytes(5000))[0], 400)


def unauthorised():
    data, _ = random.choice(images)
    note("unauthorised", post(data, headers={"Authorization": "Bearer guess"})[0], 401)


def dial():
    return socket.create_connection(("127.0.0.1", server.port), timeout=60)


def head(length, path="/"):
    return (f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
            f"Content-Length: {length}\r\n\r\n").encode()


def status_of(connection):
    answer = b""
    while part := connection.recv(65536):
        answer += part
    return int(answer.split(b" ", 2)[1]) if answer else "closed"


def drip(connection, data):
    """One byte a second until the server has had enough."""
    connection.settimeout(1)
    answer = b""
    for byte in data:
        try:
            connection.send(bytes([byte]))
        except OSError:
            break
        try:
            part = connection.recv(65536)
            if not part:
                break
            answer += part
        except TimeoutError:
            continue
    return int(answer.split(b" ", 2)[1]) if answer else "closed"


def slow_body():
    with dial() as connection:
        connection.sendall(head(10_000))
        note("slow, a byte a second", drip(connection, b"a" * 60), 408)


def slow_head():
    with dial() as connection:
        note("slow from the first byte", drip(connection, head(10_000)[:60]), 408)


def silent():
    with dial() as connection:
        note("silent", status_of(connection), 408)


def cut_off():
    """Sends half, and closes its half of the connection."""
    data, _ = random.choice(images)
    with dial() as connection:
        connection.sendall(head(len(data)) + data[:len(data) // 2])
        connection.shutdown(socket.SHUT_WR)
        note("cut off", status_of(connection), 400)


def vanishing():
    """Sends all, and is gone before the answer."""
    data, _ = random.choice(images)
    with dial() as connection:
        connection.sendall(head(len(data)) + data)
        if random.random() < 0.5:
            time.sleep(random.random() / 20)
        if random.random() < 0.5:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    note("vanishing", "gone", "gone")


MIX = [good] * 16 + [streamed] * 6 + [oversized] * 4 + [corrupt] * 4 + [noise] * 2 + [unauthorised] * 4 + [
    slow_body, slow_body, slow_head, silent] + [cut_off] * 4 + [vanishing] * 6


def storm():
    random.shuffle(MIX)
    threads = [threading.Thread(target=guarded, args=(kind,)) for kind in MIX]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def guarded(kind):
    try:
        kind()
    except Exception as error:
        note(kind.__name__, repr(error), None)


def settled():
    """Open files once the server has nothing to do."""
    before = None
    for _ in range(40):
        now = server.open_files()
        if now == before:
            break
        before = now
        time.sleep(0.5)
    return before, server.resident()


assert len(MIX) == 50
good()
sizes = []
for number in range(given.rounds):
    start = time.monotonic()
    storm()
    files, memory = settled()
    sizes.append((files, memory))
    print(f"storm {number + 1}: {time.monotonic() - start:.1f} s; then {files} open files, {memory / 1e6:.0f} MB")
print()
for kind, counts in sorted(outcomes.items()):
    print(f"{kind:26} " + ", ".join(f"{status}: {count}" for status, count in counts.items()))
if sizes[-1][0] > sizes[0][0]:
    wrong.append(("open files", sizes))
if sizes[-1][1] > 1.1 * sizes[len(sizes) // 2][1] + 16e6:
    wrong.append(("memory", sizes))

# SIGTERM while posts are under way: all that was taken is answered.
print("\nSIGTERM under fifty posts")
beams = ("--num-beams", "16", "--max-new-tokens", "16")
searched = {path: texts[0] for path, texts in served.captions(given.vignette, given.model, given.images, *beams).items()}
ends = collections.Counter()
first = threading.Event()


def last(number):
    image = given.images[number % len(given.images)]
    data = image.read_bytes()
    with dial() as connection:
        connection.sendall(head(len(data), "/api/v1/caption?num_beams=16&max_new_tokens=16") + data)
        answer = b""
        try:
            while part := connection.recv(65536):
                answer += part
                start, _, body = answer.partition(b"\r\n\r\n")
                if body.endswith(b"]}\n"):
                    break
        except OSError:
            pass
        first.set()
        is_right = answer.startswith(b"HTTP/1.1 200") and json.loads(
            answer.partition(b"\r\n\r\n")[2])["results"][0]["captions"][0]["text"] == searched[str(image)]
        with lock:
            ends["captioned" if is_right else answer.split(b"\r\n")[0].decode() or "closed"] += 1


threads = [threading.Thread(target=last, args=(number,)) for number in range(50)]
for thread in threads:
    thread.start()
first.wait()
with lock:
    answered = sum(ends.values())
start = time.monotonic()
status = server.stop()
print(f"{answered} answered before it; exit status {status} after {time.monotonic() - start:.2f} s")
for thread in threads:
    thread.join()
print(dict(ends))
if status != 0 or ends["captioned"] != 50:
    wrong.append(("SIGTERM", status, dict(ends)))
errors = [line for line in server.log if '"level": "error"' in line]
print(f"{len(errors)} errors in the log")
wrong += errors
print("\nWRONG: " + "\n".join(map(str, wrong)) if wrong else "\nall as it should be")
raise SystemExit(bool(wrong))
