#!/usr/bin/env python3
"""Asks a running CaptionService for eight captions at a time, and for its health two hundred times meanwhile.

usage: check.py PORT IMAGE
"""
import http.client
import sys
import threading
import time

port, image = int(sys.argv[1]), open(sys.argv[2], "rb").read()
captions, stop = [], threading.Event()


def ask_for_captions():
    while not stop.is_set():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        connection.request("POST", "/caption", image)
        captions.append(connection.getresponse().read().decode())
        connection.close()


threads = [threading.Thread(target=ask_for_captions) for _ in range(8)]
for thread in threads:
    thread.start()
time.sleep(1)
times = []
for _ in range(200):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    start = time.perf_counter()
    connection.request("GET", "/health")
    assert connection.getresponse().read() == b"ok"
    times.append(1000 * (time.perf_counter() - start))
    connection.close()
    time.sleep(0.02)
stop.set()
for thread in threads:
    thread.join()
times.sort()
print(f"{len(captions)} captions; /health of {len(times)}: median {times[len(times) // 2]:.1f} ms, "
      f"95th percentile {times[int(0.95 * len(times))]:.1f} ms, longest {times[-1]:.1f} ms")
assert len(set(captions)) == 1, set(captions)
