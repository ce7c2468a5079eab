"""How an incident begins."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Service, Severity
from core.errors import Refused
from incidents import escalation, timeline, words
from incidents.lifecycle import Status
from incidents.models import Admission, Incident, Kind


@transaction.atomic
def declare(
    *,
    title: str,
    severity: Severity,
    service: Service | None,
    actor: User | None,
    at: datetime,
    summary: str = "",
    private: bool = False,
    drill: bool = False,
    origin: str = Incident.Origin.PAGE,
    actor_name: str = "",
    impact_started_at: datetime | None = None,
) -> Incident:
    """A new incident, its first line written and the escalation of its service's policy started.

    From an alert it starts in triage, where a person accepts or declines it; otherwise somebody works on it already.
    """
    tidy = words.one_line(title)
    if not tidy:
        raise Refused(
            _("An incident needs a title: what is broken, in a few words."), code="title_required", status=400
        )
    by_alert = origin == Incident.Origin.ALERT
    incident = Incident.objects.create(
        number=_next_number(),
        title=tidy,
        summary=words.many_lines(summary),
        status=Status.TRIAGE if by_alert else Status.INVESTIGATING,
        severity=severity,
        service=service,
        private=private,
        drill=drill,
        origin=origin,
        declared_by=actor,
        declared_at=at,
        detected_at=at,
        accepted_at=None if by_alert else at,
        impact_started_at=impact_started_at,
    )
    if private and actor is not None:
        Admission.objects.create(incident=incident, person=actor, admitted_at=at)
    timeline.record(
        incident,
        Kind.DECLARED,
        at=at,
        actor=actor,
        actor_name=actor_name,
        data={
            "severity": severity.code,
            "service": service.name if service else "",
            "origin": str(origin),
            "private": private,
            "drill": drill,
        },
    )
    escalation.start(incident, at=at)
    return Incident.objects.select_related("severity", "service").get(pk=incident.pk)


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('incidents_number')")
        return int(cursor.fetchone()[0])
