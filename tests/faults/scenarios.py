"""What may go wrong beside paging, each as one trial on a running Muster. The names are those of the reliability plan.

Every trial takes the rig and how long the trouble lasts in seconds, and gives the oracle's verdict.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from tests.faults.rig import WAIT, Asked, Rig, Verdict, pause, wait_until
from tests.install.running import BASE

Trial = Callable[[Rig, float], Verdict]
SECOND_BEAT = ("-m", "celery", "--quiet", "-A", "config", "beat", "--pidfile=", "--schedule")
UNREADABLE = '{"steps": [{"wait_seconds": "x", "targets": 7}]}'
LAME = ("-m", "tests.faults.lame")
POINTS = (
    "before the step commits",
    "after the step committed",
    "before the claim commits",
    "after the claim",
    "before the provider is asked",
    "after the provider accepted",
    "before the result commits",
    "after the result is recorded",
)


def baseline(rig: Rig, seconds: float) -> Verdict:
    """T1: many incidents and no fault at all: nothing lost, nothing twice."""
    asked = rig.declare(max(int(seconds), 5))
    rig.settle(asked, seconds=60 + seconds)
    found = rig.verdict("T1 no fault", asked)
    if found.repeated:
        found.unexpected.append("a repeat without a fault")
    return found


def worker_killed(rig: Rig, seconds: float) -> Verdict:
    """T2: the workers are killed in the middle of the plan, again and again."""
    asked = rig.declare(5)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        rig.kill("worker")
        asked += rig.declare(1)
        pause(1)
    rig.settle(asked)
    return rig.verdict("T2 workers killed", asked)


def failpoints(rig: Rig, seconds: float) -> Verdict:
    """T3: a sender is killed at each of the eight points at which it can be."""
    asked: list[Asked] = []
    died = []
    with rig.without("worker", "beat", "watchman"):
        for number in range(len(POINTS)):
            asked += rig.declare(1)
            done = subprocess.run([sys.executable, *LAME, str(number)], cwd=BASE, env=rig.environment, timeout=60)
            died.append(done.returncode == -signal.SIGKILL)
    rig.settle(asked, seconds=90)
    found = rig.verdict("T3 killed at eight points", asked)
    found.lost += [f"never reached: {point}" for point, did in zip(POINTS, died, strict=True) if not did]
    if found.repeated > len(POINTS):
        found.unexpected.append("more than one repeat a kill")
    return found


def child_killed(rig: Rig, seconds: float) -> Verdict:
    """T5: single children of the worker are killed, as by the kernel when memory is short."""
    asked = rig.declare(3)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for pid in rig.pool()[:1]:
            os.kill(pid, signal.SIGKILL)
        asked += rig.declare(1)
        pause(0.7)
    rig.settle(asked)
    return rig.verdict("T5 worker children killed", asked)


def sender_frozen(rig: Rig, seconds: float) -> Verdict:
    """T6: the senders freeze for longer than their lease, and come back with a result that is too late."""
    rig.web.slow_seconds, rig.web.mode = 3, "slow"
    asked = rig.declare(3)
    wait_until(lambda: any(rig.pages_of(each) for each in asked), 10)
    with rig.without("worker"):
        rig.web.mode = "ok"
        pause(max(seconds, 17))
    rig.settle(asked)
    return rig.verdict("T6 senders frozen", asked)


def two_clocks(rig: Rig, seconds: float) -> Verdict:
    """T7: two beats tick at once, then none."""
    schedule = rig.data / "run" / "second-beat"
    second = subprocess.Popen(
        [sys.executable, *SECOND_BEAT, str(schedule)],
        cwd=BASE,
        env=rig.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        asked = rig.declare(5)
        rig.settle(asked)
    finally:
        second.terminate()
        second.wait(20)
    repeats = sum(len(rig.pages_of(each)) - len({row.key for row in rig.pages_of(each)}) for each in asked)
    with rig.without("beat"):
        more = rig.declare(5)
        rig.settle(more)
        told = seconds < 30 or wait_until(lambda: alarms(rig, "workers") > 0, 120)
    found = rig.verdict("T7 two clocks, then none", asked + more, note="" if seconds < 30 else "alarm in time")
    found.unexpected += ["a repeat with two clocks"] * repeats
    if not told:
        found.lost.append("the alarm")
    return found


def no_worker(rig: Rig, seconds: float) -> Verdict:
    """T8: no Celery worker at all; the watchman pages."""
    with rig.without("worker"):
        asked = rig.declare(3)
        rig.settle(asked, steps=(1,))
        pause(seconds)
        last = rig.declare(1)
        rig.settle(last, steps=(1,))
    rig.settle(asked + last)
    found = rig.verdict("T8 no worker", asked + last)
    if found.first_late > 12:
        found.lost.append("the first page came late")
    return found


def poison(rig: Rig, seconds: float) -> Verdict:
    """T10: a plan that cannot be read, beside others that can."""
    bad = rig.declare(1, title="Poisoned")[0]
    number = int(bad.reference.split("-")[1])
    rig.ask(
        "UPDATE incidents_escalation SET plan = %s, next_step_at = now()"
        " WHERE incident_id = (SELECT id FROM incidents_incident WHERE number = %s)",
        UNREADABLE,
        number,
    )
    asked = rig.declare(3)
    rig.settle(asked)
    words = (
        "SELECT failures FROM incidents_escalation WHERE state = 'running'"
        " AND incident_id = (SELECT id FROM incidents_incident WHERE number = %s)"
    )
    put_off = rig.ask(words, number)
    if seconds > 60:
        wait_until(lambda: any(row.path == "/ada" for row in rig.pages_of(bad)), 120)
        put_off = 5 if any(row.path == "/ada" for row in rig.pages_of(bad)) else 0
    rig.end([bad])
    found = rig.verdict("T10 a poisoned plan", asked)
    if not put_off:
        found.lost.append("the poisoned plan was not put off")
    return found


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


def total_outage(rig: Rig, seconds: float) -> Verdict:
    """T24: everything is off for a while; afterwards each plan goes on one step at a time."""
    asked = rig.declare(5)
    rig.settle(asked, steps=(1,))
    rig.up.stop()
    pause(seconds)
    rig.start_again()
    rig.settle(asked)
    found = rig.verdict("T24 everything was off", asked)
    for each in asked:
        rows = {row.body["step"]: row.arrived for row in reversed(rig.pages_of(each))}
        if 2 in rows and 3 in rows and rows[3] - rows[2] < WAIT - 1:
            found.unexpected.append(f"{each.reference}: two steps at once")
    return found


def answered_as_it_escalates(rig: Rig, seconds: float) -> Verdict:
    """T25: people answer at the very moment at which the next step is due."""
    asked = rig.declare(max(int(seconds), 6))
    rig.settle(asked, steps=(1,))
    due = {
        each.reference: rig.ask(
            "SELECT extract(epoch FROM e.next_step_at - clock_timestamp())::float FROM incidents_escalation e"
            " JOIN incidents_incident i ON i.id = e.incident_id WHERE i.number = %s AND e.state = 'running'",
            int(each.reference.split("-")[1]),
        )
        for each in asked
    }
    threads = []
    for number, each in enumerate(asked):
        wait = max((due[each.reference] or 0) + (number % 5) * 0.2, 0)
        threads.append(threading.Timer(wait, rig.acknowledge, [each]))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pause(4)
    found = rig.verdict("T25 answered as it escalates", asked)
    words = "SELECT count(*) FROM incidents_timelineevent t JOIN incidents_incident i ON i.id = t.incident_id"
    for each in asked:
        number = int(each.reference.split("-")[1])
        if rig.ask(f"{words} WHERE i.number = %s AND t.kind = 'acknowledged'", number) != 1:
            found.unexpected.append(f"{each.reference}: not one acknowledgement")
    return found


def twenty_answers(rig: Rig, seconds: float) -> Verdict:
    """T27: twenty people answer at once, by the link and by the API: one did, nineteen are told so."""
    asked = rig.declare(1)
    rig.settle(asked, steps=(1,))
    link = rig.pages_of(asked[0])[0].body["acknowledge_url"]
    barrier, answers = threading.Barrier(20), []

    def by_api() -> None:
        barrier.wait(20)
        answers.append(rig.call("POST", f"incidents/{asked[0].reference}/acknowledge/", {})[0])

    def by_link() -> None:
        barrier.wait(20)
        try:
            answers.append(urllib.request.urlopen(urllib.request.Request(link, b"", method="POST"), timeout=20).status)
        except urllib.error.HTTPError as answer:
            answers.append(answer.code)

    threads = [threading.Thread(target=by_api if number % 2 else by_link, daemon=True) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    asked[0].is_acknowledged = True
    found = rig.verdict("T27 twenty answers", asked, note=f"answers {dict(Counter(answers))}")
    told = rig.ask(
        "SELECT count(*) FROM incidents_timelineevent t JOIN incidents_incident i ON i.id = t.incident_id"
        " WHERE i.number = %s AND t.kind = 'acknowledged'",
        int(asked[0].reference.split("-")[1]),
    )
    if told != 1 or len(answers) != 20 or not set(answers) <= {200, 409}:
        found.unexpected.append(f"{told} acknowledgements, answers {sorted(answers)}")
    return found


def nobody_on_call(rig: Rig, seconds: float) -> Verdict:
    """T28: the plan finds nobody; the administrators are paged within seconds."""
    asked = rig.declare(1, service="empty")
    rig.settle(asked, steps=(None,), seconds=20)
    found = rig.verdict("T28 nobody on call", asked, steps=(None,))
    if found.first_late > 5:
        found.lost.append("the fallback was late")
    return found


def engine_stopped(rig: Rig, seconds: float) -> Verdict:
    """T29: nothing runs any more: the heartbeat stops and /readyz says so."""
    with rig.without("worker", "beat", "watchman"):
        red = wait_until(lambda: rig.up.status("/readyz") == 503, 60)
        before = beats(rig)
        pause(max(seconds, 5))
        silent = beats(rig) == before
        asked = rig.declare(1)
    rig.settle(asked)
    found = rig.verdict("T29 the engine stopped", asked)
    if seconds > 60 and not wait_until(lambda: beats(rig) > before, 130):
        found.lost.append("the heartbeat did not come back")
    if not (red and silent):
        found.lost.append("the engine's end was not seen")
    return found


def stopped_while_sending(rig: Rig, seconds: float) -> Verdict:
    """T33: the worker is asked to stop while it sends."""
    rig.web.slow_seconds, rig.web.mode = 2, "slow"
    asked = rig.declare(4)
    wait_until(lambda: any(rig.pages_of(each) for each in asked), 10)
    worker = rig.up.children()["worker"]
    os.kill(worker, signal.SIGTERM)
    ended = wait_until(lambda: not Path(f"/proc/{worker}").exists(), 30)
    rig.web.mode = "ok"
    rig.settle(asked)
    found = rig.verdict("T33 stopped while sending", asked)
    found.unexpected += ["a repeat"] * found.repeated
    if not ended:
        found.lost.append("it did not end within 30 s")
    return found


def storm(rig: Rig, seconds: float, seed: int = 0) -> Verdict:
    """T4: random processes are killed the whole time."""
    chance = random.Random(seed)
    kills: Counter[str] = Counter()
    asked: list[Asked] = []
    until = time.monotonic() + seconds
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.5 + chance.random() * 3):
            name = chance.choice(["worker", "beat", "watchman", "web", "valkey", "postgres", "a child", "flush"])
            kills[name] += 1
            try:
                if name == "a child":
                    os.kill(chance.choice(rig.pool()), signal.SIGKILL)
                elif name == "flush":
                    rig.flush()
                else:
                    rig.kill(name)
            except Exception:  # it was down already
                kills[name] -= 1

    killer = threading.Thread(target=kill)
    killer.start()
    while time.monotonic() < until:
        asked += rig.declare(1)
        pause(1)
        if chance.random() < 0.25:
            try:
                rig.acknowledge(chance.choice(asked))
            except psycopg.Error:
                continue
    over.set()
    killer.join()
    wait_until(lambda: rig.up.status("/readyz") == 200, 90)
    rig.settle(asked, seconds=120)
    return rig.verdict(f"T4 kill storm, seed {seed}", asked, note=f"kills {dict(kills)}")


def alarms(rig: Rig, name: str) -> int:
    return int(rig.ask("SELECT count(*) FROM notifications_message WHERE topic = %s", f"alarm/{name}"))


def beats(rig: Rig) -> int:
    return sum(row.path == "/heartbeat" for row in rig.web.ledger.rows)


def mails(rig: Rig, asked: Asked) -> list[Any]:
    """The mails about it that somebody took."""
    return [each for each in rig.mail.to("mia@example.com") if asked.reference in str(each["subject"])]


TRIALS: dict[str, Trial] = {
    "T1": baseline,
    "T2": worker_killed,
    "T3": failpoints,
    "T5": child_killed,
    "T6": sender_frozen,
    "T7": two_clocks,
    "T8": no_worker,
    "T10": poison,
    "T12": redis_killed,
    "T13": redis_emptied,
    "T14": redis_frozen,
    "T16": database_restarted,
    "T18": connections_cut,
    "T20": receiver_hangs,
    "T21": mail_refused,
    "T25": answered_as_it_escalates,
    "T27": twenty_answers,
    "T28": nobody_on_call,
    "T29": engine_stopped,
    "T33": stopped_while_sending,
    "T24": total_outage,
}
