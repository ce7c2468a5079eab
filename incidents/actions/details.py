"""What an incident is called, how bad it is, what it hits, and when it really happened."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog.models import Service, Severity
from core.errors import Refused
from incidents import escalation, timeline, words
from incidents.models import Incident, Kind, TimelineEvent

ALERT_NAMED = 180  # letters of an alert's title that a line keeps
# The moments a person may correct, in the order they must come.
MOMENTS = {
    "impact_started_at": gettext_lazy("Impact started"),
    "detected_at": gettext_lazy("Detected"),
    "declared_at": gettext_lazy("Declared"),
    "acknowledged_at": gettext_lazy("Acknowledged"),
    "identified_at": gettext_lazy("Cause identified"),
    "mitigated_at": gettext_lazy("Mitigated"),
    "resolved_at": gettext_lazy("Resolved"),
    "closed_at": gettext_lazy("Closed"),
}
MAY_BE_UNKNOWN = ("impact_started_at", "detected_at", "identified_at")
# The cause may be found before or after the harm ends, so these two are not compared with one another.
UNORDERED = {("identified_at", "mitigated_at"), ("identified_at", "resolved_at"), ("identified_at", "closed_at")}


class Worse(StrEnum):
    """How an alert came to be worse than its incident."""

    JOINED = "joined"  # it was new to the incident
    GREW = "grew"  # it belonged to it already


@transaction.atomic
def change_severity(
    incident: Incident, severity: Severity, *, actor: User | None, at: datetime, actor_name: str = ""
) -> Incident:
    """From now on it counts as `severity`. The same severity again changes nothing."""
    fresh = Incident.objects.lock(incident.pk)
    if fresh.severity_id == severity.pk:
        return fresh
    return _change_severity(fresh, severity, actor=actor, at=at, actor_name=actor_name, why={})


@transaction.atomic
def tell_worse(
    incident: Incident, severity: Severity, *, alert: str, at: datetime, actor_name: str, how: Worse = Worse.JOINED
) -> Incident:
    """A machine's alert is worse than the incident: from now on it counts as `severity`, and the story says why. A
    severity that a person chose stays; then it is only told, and once for the same severity."""
    fresh = Incident.objects.lock(incident.pk)
    if severity.rank >= fresh.severity.rank:
        return fresh
    why = {"alert": alert[:ALERT_NAMED], "how": str(how)}
    changes = TimelineEvent.objects.filter(incident=fresh, kind=Kind.SEVERITY)
    if fresh.origin == Incident.Origin.ALERT and not changes.exclude(actor=None).exists():
        return _change_severity(fresh, severity, actor=None, at=at, actor_name=actor_name, why=why)
    last, kept = changes.order_by("-seq").first(), fresh.severity.code
    if last is None or last.data.get("reported") != severity.code:
        data = {"from": kept, "to": kept, "worse": False, "reported": severity.code, **why}
        timeline.record(fresh, Kind.SEVERITY, at=at, actor_name=actor_name, data=data)
    return fresh


def _change_severity(
    fresh: Incident, severity: Severity, *, actor: User | None, at: datetime, actor_name: str, why: dict[str, str]
) -> Incident:
    before, fresh.severity = fresh.severity, severity
    fresh.save(update_fields=["severity"])
    data = {"from": before.code, "to": severity.code, "worse": severity.rank < before.rank, **why}
    timeline.record(fresh, Kind.SEVERITY, at=at, actor=actor, actor_name=actor_name, data=data)
    escalation.severity_changed(fresh, before=before, at=at)
    return fresh


@transaction.atomic
def rename(incident: Incident, *, title: str, actor: User | None, at: datetime, actor_name: str = "") -> Incident:
    """A better title."""
    tidy = words.one_line(title)
    if not tidy:
        raise Refused(_("An incident needs a title."), code="title_required", status=400)
    fresh = Incident.objects.lock(incident.pk)
    if fresh.title == tidy:
        return fresh
    data = {"from": fresh.title, "to": tidy}
    fresh.title = tidy
    fresh.save(update_fields=["title"])
    timeline.record(fresh, Kind.RENAMED, at=at, actor=actor, actor_name=actor_name, data=data)
    return fresh


@transaction.atomic
def describe(incident: Incident, *, summary: str, actor: User | None, at: datetime, actor_name: str = "") -> Incident:
    """What is known so far, in a few sentences; the words before are kept in the story."""
    tidy = words.many_lines(summary)
    fresh = Incident.objects.lock(incident.pk)
    if fresh.summary == tidy:
        return fresh
    data = {"before": fresh.summary}
    fresh.summary = tidy
    fresh.save(update_fields=["summary"])
    timeline.record(fresh, Kind.DESCRIBED, at=at, actor=actor, actor_name=actor_name, text=tidy, data=data)
    return fresh


@transaction.atomic
def set_service(
    incident: Incident, service: Service | None, *, actor: User | None, at: datetime, actor_name: str = ""
) -> Incident:
    """It is `service` that is hit. An escalation that runs goes on with the people it began with."""
    fresh = Incident.objects.lock(incident.pk)
    if fresh.service_id == (service.pk if service else None):
        return fresh
    data = {"from": fresh.service.name if fresh.service else "", "to": service.name if service else ""}
    fresh.service = service
    fresh.save(update_fields=["service"])
    timeline.record(fresh, Kind.SERVICE, at=at, actor=actor, actor_name=actor_name, data=data)
    return fresh


@transaction.atomic
def correct_times(
    incident: Incident,
    *,
    moments: dict[str, datetime | None],
    actor: User | None,
    at: datetime,
    actor_name: str = "",
) -> Incident:
    """Put right when things really happened. `moments` maps names of `MOMENTS` to the true moment (None: unknown).

    Refused when a moment lies in the future, is out of order, or belongs to a step that has not been taken.
    """
    fresh = Incident.objects.lock(incident.pk)
    changed: dict[str, Any] = {}
    for name, moment in moments.items():
        before = getattr(fresh, name)
        if before == moment:
            continue
        _require_correctable(fresh, name, moment, at)
        changed[name] = [before.isoformat() if before else None, moment.isoformat() if moment else None]
        setattr(fresh, name, moment)
    if not changed:
        return fresh
    _require_order(fresh)
    fresh.save(update_fields=list(changed))
    timeline.record(fresh, Kind.TIMES, at=at, actor=actor, actor_name=actor_name, data={"moments": changed})
    return fresh


def _require_correctable(fresh: Incident, name: str, moment: datetime | None, at: datetime) -> None:
    label = MOMENTS[name]
    if moment is None:
        if name not in MAY_BE_UNKNOWN:
            raise Refused(_("“%(label)s” cannot be empty once it has happened.") % {"label": label}, status=400)
        return
    if moment > at + timedelta(seconds=60):
        raise Refused(_("“%(label)s” cannot lie in the future.") % {"label": label}, status=400)
    if getattr(fresh, name) is None and name not in MAY_BE_UNKNOWN:
        raise Refused(
            _("“%(label)s” has not happened yet: make the move first, then correct its time.") % {"label": label},
            status=400,
        )


def _require_order(fresh: Incident) -> None:
    known = [(name, getattr(fresh, name)) for name in MOMENTS if getattr(fresh, name) is not None]
    for index, (later, moment) in enumerate(known):
        for earlier, before in known[:index]:
            if (earlier, later) not in UNORDERED and before > moment:
                raise Refused(
                    _("“%(earlier)s” cannot be after “%(later)s”.")
                    % {"earlier": MOMENTS[earlier], "later": MOMENTS[later]},
                    code="order",
                    status=400,
                )
