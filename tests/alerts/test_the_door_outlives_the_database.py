"""PostgreSQL stops, hangs and comes back under the door: what was answered 200 is there, and nothing else was."""

import json
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

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 40
HANG_UP = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'muster intake'"


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
        words = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(self.web.port)]
        self.process = subprocess.Popen([*words, "--log-level", "error"], cwd=ROOT, env=self.environment)
        wait_until(self.answers)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web.port}/healthz", timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            return False


SOURCE = """
from django.utils import timezone
from alerts.actions import create_source
from catalog.models import Service
service = Service.objects.create(name="Payments", slug="payments")
print(create_source(name="A", kind="alertmanager", service=service, actor=None, at=timezone.now())[1])
"""


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


def test_what_was_accepted_is_there_and_everything_else_was_told_to_come_again(door: Door, database: Database) -> None:
    key = door.manage("shell", "-v", "0", "-c", SOURCE).strip().splitlines()[-1]
    path, body = f"/in/alertmanager/{key}", json.dumps({"alerts": []}).encode()
    assert door.web.send(path, body).status == 200
    assert door.web.send("/in/alertmanager/unknown", body).status == 404
    database.stop()
    for address in (path, "/in/alertmanager/unknown"):
        answer = door.web.send(address, body)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert door.web.send(path, b"nonsense").status == 503, "what cannot be kept is not refused for good"
    database.start()
    assert door.web.send(path, body).status == 200, "the first one after the restart gets through"

    database.backends(signal.SIGSTOP)
    begun = time.monotonic()
    assert door.web.send(path, body).status == 503
    assert time.monotonic() - begun < 9, "well before Alertmanager's ten seconds are over"
    database.backends(signal.SIGCONT)
    wait_until(lambda: door.web.send(path, body).status == 200)

    accepted: list[int] = []
    stopped = threading.Event()

    def keep_sending() -> None:
        while not stopped.is_set():
            status = door.web.send(path, body).status
            assert status in {200, 503}
            if status == 200:
                accepted.append(1)

    before = database.query("SELECT count(*) FROM alerts_payload")
    senders = [threading.Thread(target=keep_sending) for _ in range(8)]
    for one in senders:
        one.start()
    for _ in range(2):
        wait_until(lambda: len(accepted) > 50)
        database.stop()
        database.start()
        accepted_before = len(accepted)
        wait_until(lambda mark=accepted_before: len(accepted) > mark + 50)
    for _ in range(5):
        database.query(HANG_UP)
    stopped.set()
    for one in senders:
        one.join()
    stored = database.query("SELECT count(*) FROM alerts_payload") - before
    assert stored >= len(accepted), "no 200 without a row"

    database.query("ALTER DATABASE muster SET default_transaction_read_only = on")
    database.query(HANG_UP)
    assert door.web.send(path, body).status == 503
    with psycopg.connect(database.server.url, autocommit=True) as line:
        line.execute("SET default_transaction_read_only = off")
        line.execute("ALTER DATABASE muster SET default_transaction_read_only = off")
    assert door.web.send(path, body).status in {200, 503}
    wait_until(lambda: door.web.send(path, body).status == 200)
