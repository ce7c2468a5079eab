"""How incidents went: times to acknowledge, mitigate and resolve, by period, severity, team and service."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from catalog.models import Service, Severity
from incidents.models import Incident
from insights import statistics


@dataclass(frozen=True)
class Asked:
    """What the reader narrowed the figures to; None means all."""

    since: datetime
    until: datetime
    severity: Severity | None = None
    team: Team | None = None
    service: Service | None = None

    @property
    def before(self) -> "Asked":
        """The period of the same length just before."""
        return Asked(self.since - (self.until - self.since), self.since, self.severity, self.team, self.service)


@dataclass(frozen=True)
class Line:
    """One measure: its spread now, in the period before, and by how many percent the median moved."""

    key: str
    name: str | Promise
    meaning: str | Promise
    now: statistics.Spread
    before: statistics.Spread
    change: float | None
    is_headline: bool = False


SPANS: list[tuple[str, str | Promise, str | Promise, str, str]] = [
    ("acknowledge", _("Time to acknowledge"), _("declared → acknowledged"), "declared_at", "acknowledged_at"),
    ("mobilise", _("Time to mobilise"), _("declared → commander named"), "declared_at", "commander_named_at"),
    ("inform", _("First public update"), _("declared → first public update"), "declared_at", "first_public_update_at"),
    ("mitigate", _("Time to mitigate"), _("impact or declaration → mitigated"), "", "mitigated_at"),
    ("resolve", _("Time to resolve"), _("impact or declaration → resolved"), "", "resolved_at"),
]


def incidents_in(asked: Asked) -> "QuerySet[Incident]":
    """The real incidents declared in the period: drills, declined and merged ones left out."""
    found = (
        Incident.objects.real()
        .exclude(status="merged")
        .filter(declared_at__gte=asked.since, declared_at__lt=asked.until)
    )
    if asked.severity:
        found = found.filter(severity=asked.severity)
    if asked.team:
        found = found.filter(service__owner=asked.team)
    if asked.service:
        found = found.filter(service=asked.service)
    return found


def lines(asked: Asked) -> list[Line]:
    """Every measure of the period beside the period before. Figures count private incidents; titles stay with them."""
    now, before = _spreads(asked), _spreads(asked.before)
    return [
        Line(
            key,
            name,
            meaning,
            now[key],
            before[key],
            statistics.change(now[key].median, before[key].median),
            key == "mitigate",
        )
        for key, name, meaning, _start, _end in SPANS
    ]


def _spreads(asked: Asked) -> dict[str, statistics.Spread]:
    moments = ("declared_at", "detected_at", "impact_started_at", "acknowledged_at", "commander_named_at")
    rows = list(incidents_in(asked).values(*moments, "first_public_update_at", "mitigated_at", "resolved_at"))
    return {
        key: statistics.spread(_span(row, start, end) for row in rows) for key, _name, _meaning, start, end in SPANS
    }


def _span(row: dict[str, datetime | None], start: str, end: str) -> timedelta | None:
    begun = row[start] if start else row["impact_started_at"] or row["detected_at"] or row["declared_at"]
    ended = row[end]
    return ended - begun if begun and ended else None


def weekly(asked: Asked) -> list[tuple[date, int]]:
    """How many incidents each week of the period saw, by its Monday in the reader's zone; the first week counts from
    where the period begins, and the last as far as it has come."""
    first, last = _monday(asked.since), _monday(asked.until)
    counts = {first + timedelta(days=7 * index): 0 for index in range((last - first).days // 7 + 1)}
    for moment in incidents_in(asked).values_list("declared_at", flat=True):
        if (monday := _monday(moment)) in counts:
            counts[monday] += 1
    return list(counts.items())


def _monday(moment: datetime) -> date:
    day = timezone.localtime(moment).date()
    return day - timedelta(days=day.weekday())


def slowest(asked: Asked, reader: User, *, most: int = 5) -> list[tuple[Incident, timedelta]]:
    """The incidents the reader may know of that took longest to mitigate."""
    rows = incidents_in(asked).filter(mitigated_at__isnull=False) & Incident.objects.visible_to(reader)
    spans = [
        (row, row.mitigated_at - (row.impact_started_at or row.detected_at or row.declared_at))
        for row in rows.select_related("severity", "service")
        if row.mitigated_at
    ]
    longest = sorted((each for each in spans if each[1] > timedelta(0)), key=lambda each: -each[1].total_seconds())
    return longest[:most]
