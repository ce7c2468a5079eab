"""PostgreSQL and Redis, and those whom messages are handed to, fail or hang."""

import signal
import time
from typing import Any

from tests.faults.rig import Asked, Rig, Verdict, pause, wait_until


def redis_killed(rig: Rig, seconds: float) -> Verdict:
    """T12: Redis dies whenever it comes back."""
    until = time.monotonic() + seconds
    asked: list[Asked] = []
    while time.monotonic() < until:
        rig.kill("valkey")
        asked += rig.declare(1)
        pause(1)
    rig.settle(asked)
    return rig.verdict("T12 Redis killed", asked)


def redis_emptied(rig: Rig, seconds: float) -> Verdict:
    """T13: Redis forgets everything under load."""
    until = time.monotonic() + seconds
    asked: list[Asked] = []
    while time.monotonic() < until:
        rig.flush()
        asked += rig.declare(1)
        pause(0.5)
    rig.settle(asked)
    found = rig.verdict("T13 Redis emptied", asked)
    found.unexpected += ["a repeat"] * found.repeated
    return found


def redis_frozen(rig: Rig, seconds: float) -> Verdict:
    """T14: Redis hangs and does not say so."""
    slowest = 0.0
    asked: list[Asked] = []
    with rig.without("valkey"):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            begun = time.monotonic()
            asked += rig.declare(1)
            slowest = max(slowest, time.monotonic() - begun)
            pause(1)
    rig.settle(asked)
    found = rig.verdict("T14 Redis frozen", asked, note=f"slowest request {slowest:.1f} s")
    if slowest > 10:
        found.lost.append("a request took more than 10 s")
    return found


def database_restarted(rig: Rig, seconds: float) -> Verdict:
    """T16: PostgreSQL is torn down at once while incidents are declared and paged for."""
    asked = rig.declare(3)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        rig.signal(signal.SIGQUIT, "postgres")
        asked += rig.declare(2)
        pause(2)
    rig.settle(asked)
    return rig.verdict("T16 PostgreSQL restarted", asked)


def connections_cut(rig: Rig, seconds: float) -> Verdict:
    """T18: random connections to the database are cut."""
    until = time.monotonic() + seconds
    asked: list[Asked] = []
    while time.monotonic() < until:
        rig.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
        )
        asked += rig.declare(1)
        pause(0.3)
    rig.settle(asked)
    return rig.verdict("T18 connections cut", asked)


def receiver_hangs(rig: Rig, seconds: float) -> Verdict:
    """T20: one receiver hangs, and nobody else is late for it; the plan goes on past it."""
    rig.slow.mode = "hang"
    hung = rig.declare(4, service="hung")
    asked = rig.declare(5)
    rig.settle(asked)
    rig.settle(hung, steps=(2, 3))
    rig.slow.mode = "ok"
    rig.slow.over.set()
    rig.end(hung)
    found = rig.verdict("T20 a receiver hangs", asked)
    found.lost += [each.reference for each in hung if not {2, 3} <= {row.body["step"] for row in rig.pages_of(each)}]
    if found.first_late > 5:
        found.lost.append("others were late")
    return found


def mail_refused(rig: Rig, seconds: float) -> Verdict:
    """T21: a mail server says “later”, then takes it; another time it says “never”."""
    rig.mail.answers["mia@example.com"] = "451 greylisted"
    asked = rig.declare(1, service="post", title="Greylisted")
    pause(3)
    rig.mail.answers.clear()
    came = wait_until(lambda: bool(mails(rig, asked[0])), 30)
    rig.mail.answers["mia@example.com"] = "550 nobody here"
    never = rig.declare(1, service="post", title="Refused")
    rig.settle(asked + never, steps=(2, 3))
    rig.mail.answers.clear()
    found = rig.verdict("T21 mail refused", asked + never, steps=(2, 3))
    if not came or len(mails(rig, asked[0])) != 1:
        found.lost.append("the mail that was to come later")
    words = (
        "SELECT count(*) FROM incidents_timelineevent t JOIN incidents_incident i ON i.id = t.incident_id"
        " WHERE i.number = %s AND t.kind = 'page_failed'"
    )
    if rig.ask(words, int(never[0].reference.split("-")[1])) != 1:
        found.lost.append("the failure was not told once")
    return found


def mails(rig: Rig, asked: Asked) -> list[Any]:
    """The mails about it that somebody took."""
    return [each for each in rig.mail.to("mia@example.com") if asked.reference in str(each["subject"])]
