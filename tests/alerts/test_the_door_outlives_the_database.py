"""PostgreSQL stops, hangs and comes back under the door: what was answered 200 is there, and nothing else was."""

import json
import signal
import threading
import time

import psycopg

from tests.outages import Database, Door, database, door, wait_until  # noqa: F401  (two are fixtures)

HANG_UP = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'muster intake'"
SOURCE = """
from django.utils import timezone
from alerts.actions import create_source
from catalog.models import Service
service = Service.objects.create(name="Payments", slug="payments")
print(create_source(name="A", kind="alertmanager", service=service, actor=None, at=timezone.now())[1])
"""


def test_what_was_accepted_is_there_and_everything_else_was_told_to_come_again(
    door: Door,  # noqa: F811
    database: Database,  # noqa: F811
) -> None:
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
