"""The story of an incident: one line for everything that happened, numbered without gaps."""

from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import User
from core import live
from incidents.models import Incident, TimelineEvent


def group_of(incident_pk: int) -> str:
    """The live group that hears of everything new in this incident."""
    return f"incident.{incident_pk}"


def record(
    incident: Incident,
    kind: str,
    *,
    at: datetime,
    actor: User | None = None,
    actor_name: str = "",
    text: str = "",
    data: dict[str, Any] | None = None,
    happened_at: datetime | None = None,
) -> TimelineEvent:
    """Write the next line of the incident's story and, after commit, hint at it to everyone who watches.

    The caller holds the incident's row lock. `actor_name` is kept beside the person, so that the line still says who it
    was when the account is gone. `happened_at` is when it really was, where that is not `at`.
    """
    event = TimelineEvent.objects.create(
        incident=incident,
        seq=_next_seq(incident),
        kind=kind,
        actor=actor,
        actor_name=(actor_name or (str(actor) if actor else ""))[:120],
        text=text,
        data=data or {},
        happened_at=happened_at or at,
        recorded_at=at,
    )
    live.publish(group_of(incident.pk), seq=event.seq)
    return event


def _next_seq(incident: Incident) -> int:
    # Counted by the database and not in memory: a verb may hold an older copy of the row than the verb it called.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE incidents_incident SET head = head + 1 WHERE id = %s RETURNING head", [incident.pk])
        (incident.head,) = cursor.fetchone()
    return incident.head
