"""A `vignette serve` for scripts, and what `vignette caption` says of the same images."""
import json
import os
import re
import signal
import subprocess
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class Server:
    """Runs the program on a free port; its log is kept, a line an event."""

    def __init__(self, vignette, model, *options, environment=None):
        self.log = []
        self.process = subprocess.Popen(
            [str(vignette), "serve", "--model", str(model), "--port", "0", "--log-format", "json", *options],
            stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
        self.listening = threading.Event()
        self.url = None
        threading.Thread(target=self._read, daemon=True).start()
        if not self.listening.wait(60) or self.url is None:
            raise SystemExit("the server doesn't listen: " + "\n".join(self.log))

    def _read(self):
        for line in self.process.stderr:
            self.log.append(line.rstrip("\n"))
            found = re.search(r'"url": "([^"]+)"', line)
            if found and self.url is None:
                self.url = found.group(1)
                self.listening.set()
        self.listening.set()

    @property
    def port(self):
        return int(self.url.rsplit(":", 1)[1])

    def stop(self, timeout=60):
        """SIGTERM; returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def resident(self):
        """Bytes of memory."""
        fields = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGESIZE")

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def captions(vignette, model, images, *options):
    """What `vignette caption` prints, by the image's path."""
    lines = subprocess.run(
        [str(vignette), "caption", "--model", str(model), "--format", "jsonl", *options, *map(str, images)],
        check=True, capture_output=True, text=True).stdout.splitlines()
    found = {}
    for line in lines:
        row = json.loads(line)
        found.setdefault(row["file"], []).append(row["caption"])
    return found


def arguments(parser):
    parser.add_argument("--vignette", type=Path, default=ROOT / ".build/debug/vignette", help="the program")
    parser.add_argument(
        "--model", default=str(ROOT / "Fixtures/models/vit-gpt2"), help="checkpoint folder; by default a small random one")
    parser.add_argument("images", nargs="*", type=Path, default=None)
    given = parser.parse_args()
    given.images = given.images or [ROOT / "Fixtures/models/vit-gpt2/scene.png"]
    return given
