"""Signed-in browsers of a person."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from accounts.models import User

AT_ONCE = 1000


def end_sessions(person: User, *, but: str | None = None) -> int:
    """Sign every browser of `person` out, except the session with the key `but`; how many."""
    rows = UserSession.objects.filter(user=person)
    if but:
        rows = rows.exclude(session_key=but)
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    rows.delete()
    return len(keys)


def old_sessions_due(at: datetime) -> int:
    """Throw away sessions that have expired, and what is known of their browsers; how many went."""
    gone = 0
    while keys := list(Session.objects.filter(expire_date__lt=at).values_list("pk", flat=True)[:AT_ONCE]):
        gone += Session.objects.filter(pk__in=keys, expire_date__lt=at).delete()[0]
    UserSession.objects.filter(~Exists(Session.objects.filter(pk=OuterRef("session_key")))).delete()
    return gone
