"""A whole running Muster, receivers with a ledger, and the oracle that says what was lost and what was repeated."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import redis

from tests.install.running import BASE, Up
from tests.outages import processes_under
from tests.receivers import MailCatcher, WebReceiver, mail_catcher, web_receiver

WAIT = 2  # seconds between the steps of the plan
SETUP = """
import django; django.setup()
import json, sys
from django.utils import timezone
from accounts import tokens
from accounts.models import User
from catalog.models import Service
from notifications.models import ContactMethod
from oncall.models import EscalationPolicy, ServicePolicy, Step, Target
web, slow, wait = sys.argv[1], sys.argv[2], int(sys.argv[3])
at = timezone.now()
def person(name, role="responder", hook=""):
    one = User.objects.create_user(f"{name.lower()}@example.com", "correct horse battery", name=name, role=role)
    if hook:
        ContactMethod.objects.create(person=one, channel="webhook", address=hook, verified_at=at)
    return one
def service(name, *steps, fallback=None):
    row = Service.objects.create(name=name, slug=name.lower())
    policy = EscalationPolicy.objects.create(name=name, repeat_times=0, fallback=fallback)
    for position, people in enumerate(steps):
        step = Step.objects.create(policy=policy, position=position, wait_seconds=wait)
        for one in people:
            Target.objects.create(step=step, kind=Target.Kind.PERSON, person=one)
    ServicePolicy.objects.create(service=row, policy=policy)
ada = person("Ada", "administrator", f"{web}/ada")
ben, cleo, dora = (person(name, hook=f"{web}/{name.lower()}") for name in ("Ben", "Cleo", "Dora"))
service("Quick", [ben], [cleo], [dora], fallback=ada)
service("Empty", [])
service("Hung", [person("Hank", hook=f"{slow}/hank")], [cleo], [dora], fallback=ada)
service("Post", [person("Mia")], [cleo], [dora], fallback=ada)
print("TOKEN", tokens.create_token(ada, name="faults", at=at, scope="full")[1])
"""


@dataclass
class Asked:
    """One incident that was declared: when that was answered (monotonic), and whether it was acknowledged."""

    reference: str
    at: float
    is_acknowledged: bool = False


@dataclass
class Verdict:
    """What the oracle says of one trial."""

    name: str
    pages: int = 0
    lost: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    repeated: int = 0
    unmarked: list[str] = field(default_factory=list)
    first_late: float = 0.0
    audit: str = ""
    note: str = ""

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.unexpected or self.unmarked) and self.audit == "0 violations"

    def __str__(self) -> str:
        return (
            f"{self.name:<34} pages {self.pages:>4}  lost {len(self.lost)}  unexpected {len(self.unexpected)}  "
            f"repeated {self.repeated} (unmarked {len(self.unmarked)})  latest first page {self.first_late:.1f} s  "
            f"audit: {self.audit}{'  ' + self.note if self.note else ''}"
        )


class Rig:
    """One bin/up on a spare port with embedded servers of its own, and what it sends to."""

    def __init__(self, data: Path, web: WebReceiver, slow: WebReceiver, mail: MailCatcher, mail_port: int) -> None:
        self.data, self.web, self.slow, self.mail = data, web, slow, mail
        self.settings = {
            "MUSTER_ALLOW_PRIVATE_ADDRESSES": "1",
            "MUSTER_API_PER_SECOND": "0",
            "MUSTER_EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "MUSTER_HEARTBEAT_URL": web.url("/heartbeat"),
            "MUSTER_DEBUG": "0",
        }
        self.up = self._start()
        words = self.python("-c", SETUP, web.url(""), slow.url(""), str(WAIT))
        self.token = words.split("TOKEN ")[1].strip()

    def _start(self, **env: str) -> Up:
        up = Up(self.data, **self.settings, **env).ready()
        self.environment = self._environment(up.children()["web"])
        return up

    def start_again(self) -> None:
        """On the same data and the same port, after `up.stop()`."""
        self.up = self._start(PORT=str(self.up.port))

    @staticmethod
    def _environment(pid: int) -> dict[str, str]:
        raw = (Path("/proc") / str(pid) / "environ").read_bytes().decode()
        return dict(line.split("=", 1) for line in raw.split("\0") if "=" in line)

    def python(self, *words: str) -> str:
        """Run Python in Muster's own surroundings; what it said."""
        done = subprocess.run([sys.executable, *words], cwd=BASE, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def audit(self, seconds: float = 60) -> str:
        """What bin/manage audit_paging says, once it is content or that time is over."""
        until = time.monotonic() + seconds
        while True:
            done = subprocess.run(
                [sys.executable, "manage.py", "audit_paging"],
                cwd=BASE,
                env=self.environment,
                capture_output=True,
                text=True,
            )
            if done.returncode == 0 or time.monotonic() > until:
                return (done.stdout + done.stderr).strip().replace("\n", "; ")
            pause(1)

    # Its processes

    def signal(self, number: int, *names: str) -> None:
        """Tell these processes and all they started."""
        for name in names:
            os.killpg(self.up.children()[name], number)

    @contextmanager
    def without(self, *names: str) -> Iterator[None]:
        """These processes stand still meanwhile."""
        self.signal(signal.SIGSTOP, *names)
        try:
            yield
        finally:
            self.signal(signal.SIGCONT, *names)

    def kill(self, name: str) -> None:
        """kill -9 of one and all it started; bin/up starts it again."""
        with suppress(ProcessLookupError):
            self.signal(signal.SIGKILL, name)

    def pool(self) -> list[int]:
        """The worker's own children."""
        return processes_under(self.up.children()["worker"])

    def flush(self) -> None:
        with redis.Redis.from_url(self.environment["REDIS_URL"]) as client:
            client.flushall()

    def ask(self, words: str, *values: Any) -> Any:
        """One value out of its database."""
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as line:
            found = line.execute(words, values)  # type: ignore[call-overload]
            row = found.fetchone() if found.description else None
            return row[0] if row else None

    # Its front door

    def call(self, method: str, path: str, body: Any = None, *, seconds: float = 15) -> tuple[int, Any]:
        """Status and answer of the API; 0 where there was none."""
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.up.port}/api/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
        )
        try:
            with urllib.request.urlopen(asked, timeout=seconds) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as answer:
            return answer.code, None
        except OSError:
            return 0, None

    def declare(self, count: int = 1, *, service: str = "quick", title: str = "Down") -> list[Asked]:
        """That many incidents, each asked for until it is taken."""
        made = []
        until = time.monotonic() + 60
        while len(made) < count:
            body = {"title": title, "severity": "SEV1", "service": service}
            status, answer = self.call("POST", "incidents/", body)
            if status == 201:
                made.append(Asked(answer["reference"], time.monotonic()))
            else:
                assert time.monotonic() < until, f"no incident could be declared: {status}"
                assert status not in range(400, 500), status
                pause(0.3)
        return made

    def acknowledge(self, *asked: Asked) -> None:
        for each in asked:
            each.is_acknowledged = self.call("POST", f"incidents/{each.reference}/acknowledge/", {})[0] == 200

    # The oracle

    def pages_of(self, asked: Asked) -> list[Any]:
        """The deliveries for one incident, by webhook and by mail, in order."""
        hooks = [row for row in self.web.ledger.rows + self.slow.ledger.rows if is_page(row, asked.reference)]
        return sorted(hooks, key=lambda row: row.arrived)

    def settle(self, asked: list[Asked], *, steps: tuple[Any, ...] = (1, 2, 3), seconds: float = 60) -> None:
        """Wait until each incident that nobody acknowledged has paged these steps."""

        def done() -> bool:
            return all(
                each.is_acknowledged or set(steps) <= {row.body["step"] for row in self.pages_of(each)}
                for each in asked
            )

        wait_until(done, seconds)

    def end(self, asked: list[Asked]) -> None:
        """Over with them: nobody is paged for them any more."""
        for each in asked:
            for _again in range(30):
                if self.call("POST", f"incidents/{each.reference}/resolve/", {})[0] in (200, 409):
                    break
                pause(0.5)

    def verdict(self, name: str, asked: list[Asked], *, steps: tuple[Any, ...] = (1, 2, 3), note: str = "") -> Verdict:
        """Compare the ledger with what must have come, and with the outbox; then look at the invariants."""
        found = Verdict(name, note=note)
        self.end(asked)
        for each in asked:
            rows = self.pages_of(each)
            found.pages += len(rows)
            came = {row.body["step"] for row in rows}
            if not each.is_acknowledged:
                found.lost += [f"{each.reference} step {step}" for step in steps if step not in came]
            if rows:
                found.first_late = max(found.first_late, rows[0].arrived - each.at)
            by_key: dict[str, list[Any]] = defaultdict(list)
            steps_of: dict[Any, set[str]] = defaultdict(set)
            for row in rows:
                by_key[row.key].append(row)
                steps_of[(row.body["step"], row.path)].add(row.key)
            for key, same in by_key.items():
                found.repeated += len(same) - 1
                found.unmarked += [key for row in same[1:] if not row.body["possibly_repeated"]]
            found.unexpected += [
                f"{each.reference} {step}" for step, keys in steps_of.items() if len(keys) > 1 and step[0]
            ]
            known = "SELECT count(*) FROM notifications_message WHERE idempotency_key = ANY(%s)"
            if self.ask(known, list(by_key)) != len(by_key):
                found.unexpected.append(f"{each.reference}: a page that no row knows")
            after = self.ask(
                "SELECT count(*) FROM notifications_attempt a JOIN notifications_message m ON m.id = a.message_id"
                " JOIN incidents_page p ON m.topic = 'page/' || p.id JOIN incidents_incident i ON i.id = p.incident_id"
                " WHERE i.number = %s AND a.started_at > i.acknowledged_at + interval '1 second'",
                int(each.reference.split("-")[1]),
            )
            found.unexpected += [f"{each.reference}: a try after the answer"] * after
        found.audit = self.audit()
        return found


logging.getLogger("mail.log").setLevel(logging.WARNING)


def is_page(row: Any, reference: str) -> bool:
    return isinstance(row.body, dict) and row.body.get("kind") == "page" and row.body.get("incident") == reference


def pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def wait_until(fact: Callable[[], bool], seconds: float) -> bool:
    """Whether the fact came true within that time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if fact():
            return True
        pause(0.1)
    return fact()


@contextmanager
def running(data: Path) -> Iterator[Rig]:
    """A running Muster with its receivers; stopped at the end."""
    with ExitStack() as held:
        settings = SimpleNamespace()
        mail = held.enter_context(mail_catcher(settings))
        web, slow = held.enter_context(web_receiver()), held.enter_context(web_receiver())
        rig = Rig(data, web, slow, mail, settings.EMAIL_PORT)
        try:
            yield rig
        finally:
            rig.web.over.set()
            rig.up.stop()
