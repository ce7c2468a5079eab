"""Who stands at the door, and whether they may stay. Everything here reads PostgreSQL and runs in a thread."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language_from_request

from accounts.models import User
from incidents import escalation, queries
from incidents.board import Reader
from incidents.models import Incident
from incidents.queries import number_of

SIGNED_OUT = 4401
NOT_VISIBLE = 4404
_PATH = re.compile(r"/ws/incidents/([A-Za-z0-9-]{1,20})/?")


@dataclass(frozen=True)
class Visitor:
    """A signed-in person at one room, with what their session was when it was checked."""

    person: int
    session: str
    password: str  # as hashed; another one means that the password was changed, which ends every session
    role: str
    incident: int
    browser: str  # the language their browser asks for; it holds where they have chosen none


def knock(path: str, cookies: bytes, languages: bytes) -> Visitor | int:
    """The visitor, or the code to close with: 4401 signed out, 4404 nothing there that they may see. `languages` is
    their Accept-Language."""
    key = _session_key(cookies)
    if not key:
        return SIGNED_OUT
    session = _sessions()(key)
    person = _person(session.get(SESSION_KEY))
    if person is None or not _is_current(person, session.get(HASH_SESSION_KEY, "")):
        return SIGNED_OUT
    found = _PATH.fullmatch(path)
    number = number_of(found[1]) if found else None
    if number is None:
        return NOT_VISIBLE
    pk = Incident.objects.visible_to(person).filter(number=number).values_list("pk", flat=True).first()
    if not pk:
        return NOT_VISIBLE
    return Visitor(person.pk, key, person.password, person.role, pk, _asked_for(languages))


@dataclass(frozen=True)
class Standing:
    """Who may stay, by session key and person, and how each person reads; who must go is in neither."""

    sessions: frozenset[str]
    people: dict[int, User]
    admitted: frozenset[int]
    called: frozenset[int] = frozenset()  # whose answer to a page is awaited

    def judge(self, visitor: Visitor) -> int:
        """0: stay. Otherwise the code to close with."""
        person = self.people.get(visitor.person)
        if person is None or visitor.session not in self.sessions:
            return SIGNED_OUT
        if (person.password, person.role) != (visitor.password, visitor.role):
            return SIGNED_OUT  # the page is loaded anew, as the person may see it now
        return 0 if visitor.person in self.admitted else NOT_VISIBLE

    def reader(self, visitor: Visitor) -> Reader:
        return Reader.of(self.people[visitor.person], browser=visitor.browser, called=self.called)


def standing(pk: int, visitors: Iterable[Visitor], *, at: datetime) -> Standing:
    """How all of these stand now: five queries, however many they are."""
    held = list(visitors)
    keys = {visitor.session for visitor in held}
    people = {p.pk: p for p in User.objects.filter(pk__in={v.person for v in held}, is_active=True)}
    alive = Session.objects.filter(session_key__in=keys, expire_date__gt=at).values_list("session_key", flat=True)
    incident = Incident.objects.filter(pk=pk).only("pk", "private", "status", "acknowledged_at").first()
    if incident is None:
        admitted: set[int] = set()
    elif incident.private:
        inside = set(incident.admissions.values_list("person", flat=True))
        admitted = {person.pk for person in people.values() if person.is_administrator or person.pk in inside}
    else:
        admitted = set(people)
    called = queries.awaited(incident, escalation.newest_for(incident)) if incident else frozenset()
    return Standing(frozenset(alive), people, frozenset(admitted), called)


def standing_if_private(pk: int, visitors: Iterable[Visitor], *, at: datetime) -> Standing | None:
    """As `standing` where the incident is private (or gone); None where everyone may know of it."""
    if Incident.objects.filter(pk=pk, private=False).exists():
        return None
    return standing(pk, visitors, at=at)


def _session_key(cookies: bytes) -> str:
    return parse_cookie(cookies.decode("latin1")).get(settings.SESSION_COOKIE_NAME, "")


def _asked_for(languages: bytes) -> str:
    """The same language that pages are rendered in for this browser: Django's own judgement of the header."""
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = languages.decode("latin1")
    return get_language_from_request(request)


def _sessions() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


def _person(number: Any) -> User | None:
    try:
        return User.objects.filter(pk=int(number), is_active=True).first()
    except (TypeError, ValueError):
        return None


def _is_current(person: User, hashed: str) -> bool:
    """Whether the session was begun with the password that holds now (under the key that holds, or a fallback)."""
    known = [person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()]
    return any(constant_time_compare(hashed, one) for one in known)
