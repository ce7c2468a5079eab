"""A web process to measure: the one production runs, with any ASGI application in it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

BASE = Path(__file__).resolve().parent.parent
FLAGS = [
    "--loop",
    "uvloop",
    "--http",
    "httptools",
    "--lifespan",
    "off",
    "--no-access-log",
    "--log-level",
    "error",
    "--no-server-header",
]


class Web(NamedTuple):
    """Where it listens on loopback, and its process."""

    port: int
    pid: int


@contextmanager
def serving(application: str, *flags: str) -> Iterator[Web]:
    """One that answers; ended afterwards."""
    with socket.socket() as spare:
        spare.bind(("127.0.0.1", 0))
        port = int(spare.getsockname()[1])
    words = [sys.executable, "-m", "uvicorn", application, "--port", str(port), *FLAGS, *flags]
    process = subprocess.Popen(words, cwd=BASE, env=os.environ)
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                break
            except OSError:
                time.sleep(0.05)
        yield Web(port, process.pid)
    finally:
        process.terminate()
        process.wait(20)
