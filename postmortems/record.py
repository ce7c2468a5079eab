"""Reads what happened in an incident, as the values that the draft is made of."""

from datetime import UTC, datetime

from incidents import story
from incidents.models import Incident, Page, Role, RoleAssignment, TimelineEvent
from postmortems.facts import Asked, Happening, Part, Promises, Record


def of(incident: Incident, *, at: datetime) -> Record:
    """The record of an incident that is over (`at` stands in for a missing end)."""
    severity = incident.severity
    events = TimelineEvent.objects.filter(incident=incident).select_related("actor").order_by("happened_at", "seq")
    parts = RoleAssignment.objects.filter(incident=incident).select_related("person").order_by("taken_at")
    pages = Page.objects.filter(incident=incident).select_related("person").order_by("paged_at", "pk")
    labels = dict(Role.choices)
    assumed = {name for event in events for name in event.data.get("assumed", ())}
    answered = None if "acknowledged_at" in assumed else incident.acknowledged_at
    by_alert = incident.origin == Incident.Origin.ALERT
    return Record(
        reference=incident.reference,
        title=incident.title,
        severity=f"{severity.code} {severity.name}",
        service=incident.service.name if incident.service else "",
        summary=incident.summary,
        by_alert=by_alert,
        impact_started_at=_utc(incident.impact_started_at),
        detected_at=_utc(incident.detected_at),
        declared_at=incident.declared_at.astimezone(UTC),
        acknowledged_at=_utc(answered),
        commander_named_at=_utc(incident.commander_named_at),
        identified_at=_utc(incident.identified_at),
        first_public_update_at=_utc(incident.first_public_update_at),
        mitigated_at=_utc(incident.mitigated_at),
        resolved_at=(incident.resolved_at or at).astimezone(UTC),
        happenings=tuple(_happening(event) for event in events),
        parts=tuple(
            Part(
                str(labels.get(row.role, row.role)),
                str(row.person),
                row.taken_at.astimezone(UTC),
                _utc(row.left_at) if row.left_at and row.left_at < (incident.resolved_at or at) else None,
            )
            for row in parts
        ),
        asked=tuple(
            Asked(str(row.person), row.step, row.paged_at.astimezone(UTC), _utc(row.acknowledged_at)) for row in pages
        ),
        promises=Promises(
            # Who declares by hand is there already: nobody had to answer.
            acknowledge=severity.acknowledge_minutes if by_alert or answered is not None else None,
            restore=severity.restore_minutes,
            commander=severity.commander_minutes,
            public_update=severity.public_update_minutes,
        ),
        roles_required=tuple(str(labels.get(role, role)) for role in severity.required_roles),
    )


def _happening(event: TimelineEvent) -> Happening:
    line = story.tell(event)
    return Happening(event.happened_at.astimezone(UTC), event.kind, str(line.actor), line.words, line.body)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment is not None else None
