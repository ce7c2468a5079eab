"""Signed-in browsers of a person."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from accounts.models import User


def end_sessions(person: User, *, but: str | None = None) -> int:
    """Sign every browser of `person` out, except the session with the key `but`; how many."""
    rows = UserSession.objects.filter(user=person)
    if but:
        rows = rows.exclude(session_key=but)
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    rows.delete()
    return len(keys)
