"""A PostgreSQL that a test can stop and freeze, and a web process of its own on it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.servers.postgres import Postgres
from config.servers.sockets import socket_folder
from tests.alerts.doors import Web

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 40


class Database:
    """A PostgreSQL of its own that can be stopped and frozen."""

    def __init__(self, folder: Path) -> None:
        (folder / "data").mkdir()
        self.server = Postgres(folder / "data" / "postgres", socket_folder(folder / "data"))
        self.server.prepare()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.server.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        wait_until(self.server.ready)

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)

    def backends(self, sign: int) -> None:
        """Freeze or thaw the postmaster and every backend."""
        postmaster = int((self.server.cluster / "postmaster.pid").read_text().split()[0])
        for pid in [postmaster, *processes_under(postmaster)]:
            os.kill(pid, sign)

    def query(self, words: str) -> Any:
        with psycopg.connect(self.server.url, autocommit=True) as line:
            found = line.execute(words)  # type: ignore[call-overload]
            return found.fetchone()[0] if found.description else None


def processes_under(parent: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def wait_until(fact: Any) -> None:
    until = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not fact():
        assert time.monotonic() < until, "it took too long"
        pause.wait(0.05)


class Door:
    """The web process, a process of its own."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.environment = {
            **os.environ,
            "DATABASE_URL": database.server.url,
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "MUSTER_DATA": str(folder / "data"),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        self.web = Web()

    def manage(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        with socket.socket() as spare:
            spare.bind(("127.0.0.1", 0))
            self.web.port = spare.getsockname()[1]
        words = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--http", "config.http:Protocol"]
        self.process = subprocess.Popen(
            [*words, "--port", str(self.web.port), "--log-level", "error"], cwd=ROOT, env=self.environment
        )
        wait_until(self.answers)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web.port}/healthz", timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            return False


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    one = Database(tmp_path)
    one.start()
    yield one
    if one.process is not None and one.process.poll() is None:
        one.backends(signal.SIGCONT)
        one.stop()


@pytest.fixture
def door(tmp_path: Path, database: Database) -> Iterator[Door]:
    one = Door(tmp_path, database)
    one.manage("migrate", "-v", "0")
    one.start()
    yield one
    one.process.terminate()
    one.process.wait(20)
