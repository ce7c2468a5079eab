"""The processes of paging are killed, frozen, doubled or stopped."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import psycopg

from tests.faults.rig import WAIT, Asked, Rig, Verdict, pause, wait_until
from tests.install.running import BASE

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
