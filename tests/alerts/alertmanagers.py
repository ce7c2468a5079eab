"""A real Alertmanager (Debian's prometheus-alertmanager), for as long as a test needs it."""

import contextlib
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
AMTOOL = shutil.which("amtool")
START_SECONDS = 20


class Alertmanager:
    def __init__(self, folder: Path, config: str) -> None:
        self.folder = folder
        with socket.socket() as spare:
            spare.bind(("127.0.0.1", 0))
            self.port = spare.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        (folder / "alertmanager.yml").write_text(config)

    @contextlib.contextmanager
    def running(self) -> Iterator["Alertmanager"]:
        assert PROGRAM
        words = [
            *(PROGRAM, f"--config.file={self.folder}/alertmanager.yml", f"--storage.path={self.folder}/data"),
            *(f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address=", "--log.level=debug"),
        ]
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(words, stdout=log, stderr=log)
        try:
            until = time.monotonic() + START_SECONDS
            while not self._ready():
                assert process.poll() is None, (self.folder / "log").read_text()[-2000:]
                assert time.monotonic() < until
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.05)
            yield self
        finally:
            process.terminate()
            process.wait(10)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def fire(self, name: str, *, over: bool = False, summary: str = "", **labels: str) -> None:
        """As a person does it: with amtool."""
        assert AMTOOL
        words = [AMTOOL, "alert", "add", f"--alertmanager.url={self.url}", f"alertname={name}"]
        words += [f"{key}={value}" for key, value in labels.items()]
        if summary:
            words.append(f"--annotation=summary={summary}")
        if over:
            words.append(f"--end={datetime.now(UTC).isoformat(timespec='milliseconds')}")
        subprocess.run(words, check=True, capture_output=True, timeout=20)
