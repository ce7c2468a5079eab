"""What the world outside may learn about an incident: words and moments that were meant for it, and nothing else.

Private incidents and drills do not exist here, and neither does an incident that nobody has told the public about.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from incidents.lifecycle import OPEN, Status
from incidents.models import Incident, IncidentQuerySet, Update

WORD: dict[str, str] = {
    Status.TRIAGE: "investigating",
    Status.INVESTIGATING: "investigating",
    Status.IDENTIFIED: "identified",
    Status.MONITORING: "monitoring",
}
OVER_WORD = "resolved"
LOOK_BACK = timedelta(days=7)  # an update that found no page for so long is not dug out again


@dataclass(frozen=True)
class PublicUpdate:
    """One public update. `status`: investigating, identified, monitoring or resolved."""

    id: int
    status: str
    text: str
    posted_at: datetime
    next_update_at: datetime | None


@dataclass(frozen=True)
class PublicIncident:
    """An incident that the public was told about. `title`: what a person last called it in public, else what it is
    called inside. `severity_rank`: 1 is the worst. Updates: oldest first."""

    id: int
    title: str
    status: str
    severity_rank: int
    service_id: int | None
    started_at: datetime
    resolved_at: datetime | None
    updates: tuple[PublicUpdate, ...]

    @property
    def is_over(self) -> bool:
        return self.status == OVER_WORD


def untold(
    *,
    told_updates: "QuerySet[Any, Any]",
    showing: "QuerySet[Any, Any]",
    over: "QuerySet[Any, Any]",
    at: datetime,
) -> list[PublicIncident]:
    """Incidents the public pages must look at: with a public update (of the last days) whose id is not among
    `told_updates`, or shown as open now (`showing`: incident ids), or shown as `over` though they are open again."""
    fresh = Update.objects.filter(audience=Update.Audience.PUBLIC, posted_at__gt=at - LOOK_BACK)
    wanted = Q(pk__in=fresh.exclude(pk__in=told_updates).values("incident")) | Q(pk__in=showing)
    return _read(_outside().filter(wanted | Q(pk__in=over, status__in=OPEN)))


def find(incident_id: int) -> PublicIncident | None:
    """The incident as the world may see it; None if the world may not, or was never told."""
    return next(iter(_read(_outside().filter(pk=incident_id))), None)


def withheld(incident_ids: "QuerySet[Any, Any]") -> set[int]:
    """Those of `incident_ids` that the world may not see (any more)."""
    hidden = Incident.objects.filter(Q(private=True) | Q(drill=True), pk__in=incident_ids)
    return set(hidden.values_list("pk", flat=True))


def _outside() -> IncidentQuerySet:
    return Incident.objects.filter(private=False, drill=False)


def _read(incidents: IncidentQuerySet) -> list[PublicIncident]:
    updates = Update.objects.filter(audience=Update.Audience.PUBLIC).order_by("posted_at", "pk")
    rows = incidents.select_related("severity").prefetch_related(Prefetch("updates", updates, to_attr="told"))
    return [_public(row) for row in rows.order_by("pk") if getattr(row, "told", ())]


def _public(row: Incident) -> PublicIncident:
    word = WORD.get(row.status, OVER_WORD)
    told: list[Update] = getattr(row, "told", [])
    return PublicIncident(
        id=row.pk,
        title=next((update.public_title for update in reversed(told) if update.public_title), row.title),
        status=word,
        severity_rank=row.severity.rank,
        service_id=row.service_id,
        started_at=row.impact_started_at or row.declared_at,
        resolved_at=(row.resolved_at or row.closed_at) if word == OVER_WORD else None,
        updates=tuple(
            PublicUpdate(
                update.pk, WORD.get(update.status, OVER_WORD), update.text, update.posted_at, update.next_update_at
            )
            for update in told
        ),
    )
