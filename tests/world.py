"""The world a story happens in: people and their browsers, a clock that moves through the whole table of sweeps."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Min
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import Team, User
from alerts.models import Payload
from catalog.defaults import ensure_severities
from catalog.models import Service, Severity
from config.sweeps import SWEEPS
from core.models import ClockTick
from incidents.models import Escalation
from notifications.models import Message

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)  # a Monday
PASSWORD = "correct horse battery"


class World:
    """Builds what a story needs through models; the story itself goes through the front doors."""

    def __init__(self, traveller: Any, settings: Any, folder: Path) -> None:
        self.traveller = traveller
        self.settings = settings
        self.folder = folder
        settings.STATUS_ROOT = folder / "status"
        settings.MEDIA_ROOT = folder / "media"
        settings.MUSTER_STRICT_MENU = True  # a menu line without its page is an error here
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        settings.STORAGES = {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        }
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        ensure_severities(Severity)
        self.admin = self.person("Ada Admin", role="administrator")

    @property
    def now(self) -> datetime:
        return timezone.now()

    def person(self, name: str, *, role: str = "responder", **fields: Any) -> User:
        """Somebody with the e-mail address first.name@example.com."""
        email = name.lower().replace(" ", ".") + "@example.com"
        return User.objects.create_user(email, PASSWORD, name=name, role=role, **fields)

    def team(self, name: str, *people: User) -> Team:
        team = Team.objects.create(name=name, slug=name.lower().replace(" ", "-"))
        for person in people:
            team.memberships.create(person=person)
        return team

    def service(self, name: str, **fields: Any) -> Service:
        return Service.objects.create(name=name, slug=name.lower().replace(" ", "-"), **fields)

    def severity(self, code: str) -> Severity:
        return Severity.objects.get(code=code)

    def browser(self, person: User) -> Client:
        """A browser in which `person` is signed in."""
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    def program(self, person: User | None = None, *, scope: str = "full") -> "Program":
        """A program with a token of `person` (the administrator by default)."""
        _, text = tokens.create_token(person or self.admin, name="test", at=self.now, scope=scope)
        return Program(text)

    def tick(self) -> None:
        """Run every sweep of the table once, at the present moment, as the clocks would."""
        for name, sweep in SWEEPS.items():
            sweep.function()(self.now)
            ClockTick.objects.update_or_create(name=name, defaults={"ticked_at": self.now})

    def advance(self, **by: float) -> None:
        """Let time pass (`minutes=5`) with the whole table of sweeps running all the while: at every moment when
        something is due, and at least five hundred times along the way or once a minute."""
        until = self.now + timedelta(**by)
        stride = max(timedelta(minutes=1), (until - self.now) / 500)
        self.tick()
        while self.now < until:
            self.traveller.move_to(min(self._next_due() or until, self.now + stride, until))
            self.tick()

    def _next_due(self) -> datetime | None:
        """The next moment at which a timer somewhere runs out; a second from now at the earliest."""
        timers = [
            Escalation.objects.filter(state="running").aggregate(at=Min("next_step_at"))["at"],
            Message.objects.filter(state="queued").aggregate(at=Min("next_attempt_at"))["at"],
            Message.objects.filter(state="sending").aggregate(at=Min("lease_until"))["at"],
            Payload.objects.filter(state="waiting").aggregate(at=Min("next_attempt_at"))["at"],
        ]
        known = [at for at in timers if at is not None]
        return max(min(known), self.now + timedelta(seconds=1)) if known else None


class Program:
    """A client of the API that speaks JSON and carries a token."""

    def __init__(self, token: str) -> None:
        self.client = Client(headers={"authorization": f"Bearer {token}"})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query)

    def post(self, path: str, body: Any = None) -> Any:
        return self.client.post(f"/api/v1{path}", json.dumps(body or {}), content_type="application/json")

    def patch(self, path: str, body: Any) -> Any:
        return self.client.patch(f"/api/v1{path}", json.dumps(body), content_type="application/json")

    def delete(self, path: str) -> Any:
        return self.client.delete(f"/api/v1{path}")
