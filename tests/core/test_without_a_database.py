"""While PostgreSQL is away or hangs, people and programs are told so, soon, and asked to come again."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.doors import Answer
from tests.outages import Database, Door, database, wait_until  # noqa: F401  (a fixture)

COOKIE = {"Cookie": "sessionid=0123456789abcdef0123456789abcdef"}
CHINESE = {**COOKIE, "Accept-Language": "zh-hans"}
PROBE = {"Accept": "application/json"}


@pytest.fixture
def door(tmp_path: Path, database: Database) -> Iterator[Door]:  # noqa: F811
    """The whole web process, its static files collected."""
    one = Door(tmp_path, database)
    one.manage("migrate", "-v", "0")
    one.manage("collectstatic", "--no-input", "-v", "0")
    one.start()
    yield one
    one.process.terminate()
    one.process.wait(20)


def timed(door: Door, path: str, headers: dict[str, str] | None = None) -> tuple[Answer, float]:
    begun = time.monotonic()
    answer = door.web.send(path, None, method="GET", headers=headers or COOKIE)
    return answer, time.monotonic() - begun


def test_pages_programs_and_probes_are_answered_503_and_soon(door: Door, database: Database) -> None:  # noqa: F811
    program = {"Authorization": "Bearer muster_0123456789"}
    assert timed(door, "/incidents/")[0].status == 302
    assert timed(door, "/api/v1/incidents/", program)[0].status == 401

    database.stop()
    answer, _ = timed(door, "/incidents/")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    answer, took = timed(door, "/incidents/", CHINESE)
    assert answer.status == 503
    assert took < 1, "after one wait in vain the next are told at once"
    assert "数据库" in answer.body.decode()
    assert 'href="/"' in answer.body.decode()
    answer, _ = timed(door, "/api/v1/incidents/", program)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["detail"].startswith("Muster cannot reach its database at the moment")
    answer, _ = timed(door, "/incidents/", {**COOKIE, "HX-Request": "true"})
    assert (answer.status, answer.headers["HX-Retarget"]) == (503, "#refusals")
    assert "<html" not in answer.body.decode()

    database.start()
    begun = time.monotonic()
    wait_until(lambda: timed(door, "/incidents/")[0].status == 302)
    assert time.monotonic() - begun < 8, "its return is noticed soon"

    for _ in range(2):
        database.backends(signal.SIGSTOP)
        answer, took = timed(door, "/readyz", PROBE)
        assert (answer.status, "database" in answer.json["faults"]) == (503, True)
        assert took < 4
        answer, took = timed(door, "/incidents/")
        assert answer.status == 503
        assert took < 8
        answer, took = timed(door, "/readyz", PROBE)
        assert answer.status == 503
        assert took < 4
        database.backends(signal.SIGCONT)
        wait_until(lambda: timed(door, "/incidents/")[0].status == 302)
