"""A whole running Muster for stories: every process, a mail catcher, a web receiver, and a program with a token."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.install.running import BASE, Up
from tests.receivers import MailCatcher, WebReceiver, mail_catcher, web_receiver

PATIENCE = 30.0


class Answer:
    """What an HTTP server said."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status, self.body = status, body

    def json(self) -> Any:
        return json.loads(self.body)


class Running:
    """A started Muster: its processes (`up`), and a program that may do everything."""

    def __init__(self, up: Up, mail: MailCatcher, web: WebReceiver) -> None:
        self.up, self.mail, self.web = up, mail, web
        self.url = f"http://127.0.0.1:{up.port}"
        self.token = self.manage("api_token", "admin@example.com").strip()

    def manage(self, *words: str) -> str:
        env = {"MUSTER_DATA": str(self.up.data), "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.up.data)}
        done = subprocess.run([BASE / "bin" / "manage", *words], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Answer:
        """A request of the program; `path` under /api/v1 unless it is a whole address."""
        address = path if path.startswith("http") else f"{self.url}/api/v1{path}"
        headers = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json"}
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(address, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Answer(answer.status, answer.read())
        except urllib.error.HTTPError as refused:
            return Answer(refused.code, refused.read())

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status == 200, answer.body
        return answer.json()

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.ask("POST", path, body or {})
        assert 200 <= answer.status < 300, answer.body
        return json.loads(answer.body) if answer.body else None

    def paged_through(self, *people: str, wait_seconds: int, service: str = "Payments") -> dict[str, Any]:
        """A service whose policy pages one person a step, each by mail and by webhook."""
        made = [self.hire(name) for name in people]
        steps = [
            {"wait_seconds": wait_seconds, "targets": [{"kind": "person", "person": person["id"]}]} for person in made
        ]
        policy = self.post("/escalation-policies/", {"name": f"{service} policy", "steps": steps, "repeat_times": 0})
        row = self.post("/services/", {"name": service, "escalation_policy": policy["id"]})
        return {"service": row, "people": made, "policy": policy}

    def hire(self, name: str) -> dict[str, Any]:
        address = name.lower().replace(" ", ".") + "@example.com"
        person: dict[str, Any] = self.post("/users/", {"email": address, "name": name, "role": "responder"})
        hook = {"channel": "webhook", "address": self.web.url(f"/{name.split()[0].lower()}"), "verified": True}
        self.post(f"/users/{person['id']}/contact-methods", hook)
        return person


def eventually(what: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """The first true answer of `what`, asked again and again; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < end, f"it did not come true within {seconds} s"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Everything of bin/up, with a mail catcher and a web receiver it may reach."""
    settings = type("Settings", (), {})()
    data = Path(tmp_path_factory.mktemp("muster")) / "data"
    with mail_catcher(settings) as mail, web_receiver() as web:
        up = Up(
            data,
            MUSTER_EMAIL_URL=f"smtp://127.0.0.1:{settings.EMAIL_PORT}",
            MUSTER_ALLOW_PRIVATE_ADDRESSES="1",
        )
        try:
            yield Running(up.ready(), mail, web)
        finally:
            up.stop()
