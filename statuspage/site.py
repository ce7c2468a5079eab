"""One page as values: read once, then rendered as HTML, JSON and feeds, which so can never disagree."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Prefetch

from core.middleware import zone_or_utc
from statuspage import rollup
from statuspage.models import (
    AffectedComponent,
    Announcement,
    AnnouncementUpdate,
    Component,
    ComponentState,
    StateInterval,
    StatusPage,
)
from statuspage.words import RESOLVED, STATE_OF_IMPACT


@dataclass(frozen=True)
class Part:
    """A component as readers see it."""

    public_id: str
    name: str
    description: str
    group: str
    position: int
    state: str
    uptime: float | None
    days: list[rollup.Day]
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Said:
    """One update."""

    public_id: str
    status: str
    text: str
    posted_at: datetime
    next_update_at: datetime | None
    affected: list[dict[str, str]]


@dataclass(frozen=True)
class Told:
    """An incident as readers see it. Updates: newest first. `affected`: component public ids and their states."""

    public_id: str
    title: str
    status: str
    impact: str
    affected: list[tuple[str, str, str]]  # public id, name, state
    started_at: datetime
    resolved_at: datetime | None
    created_at: datetime
    changed_at: datetime
    updates: list[Said]

    @property
    def is_over(self) -> bool:
        return self.status == RESOLVED

    @property
    def state(self) -> str:
        """The component state that fits its impact, for the colour."""
        worst = rollup.worst(
            [*(state for _id, _name, state in self.affected), STATE_OF_IMPACT.get(self.impact, "operational")]
        )
        return "degraded" if worst == rollup.OPERATIONAL else worst

    @property
    def monitoring_at(self) -> datetime | None:
        return next((update.posted_at for update in reversed(self.updates) if update.status == "monitoring"), None)


@dataclass(frozen=True)
class Site:
    """Everything a page shows, as it stood at `at`."""

    public_id: str
    name: str
    slug: str
    description: str
    root: str
    language: str
    zone: ZoneInfo
    at: datetime
    changed_at: datetime
    parts: list[Part]
    told: list[Told]  # newest first
    address: str = field(default="")  # absolute, of `root`

    @property
    def open(self) -> list[Told]:
        return [told for told in self.told if not told.is_over]

    @property
    def state(self) -> str:
        """The worst component; and what open incidents that name none say."""
        return rollup.overall(
            (part.state for part in self.parts), (told.impact for told in self.open if not told.affected)
        )

    def groups(self) -> "list[tuple[str, list[Part]]]":
        """Components by group: those without one first, groups in the order of their first component."""
        found: dict[str, list[Part]] = {"": []}
        for part in self.parts:
            found.setdefault(part.group, []).append(part)
        return [(name, parts) for name, parts in found.items() if parts]

    def months(self) -> list[date]:
        """The first days of the months from the page's first incident (or now) until now, newest first."""
        now = self.at.astimezone(self.zone).date().replace(day=1)
        months, first = [now], min((self.month_of(told) for told in self.told), default=now)
        while months[-1] > first:
            last = months[-1]
            months.append(last.replace(year=last.year - (last.month == 1), month=last.month - 1 or 12))
        return months

    def month_of(self, told: Told) -> date:
        return told.started_at.astimezone(self.zone).date().replace(day=1)

    def day_of(self, told: Told) -> date:
        return told.started_at.astimezone(self.zone).date()


def root_of(page: StatusPage) -> str:
    """Where the page stands on this host."""
    return "/status/" if page.is_default else f"/status/{page.slug}/"


def read(page: StatusPage, *, at: datetime) -> Site:
    """The whole page from the tables of this room."""
    zone = zone_or_utc(page.time_zone)
    components = list(page.components.prefetch_related(_intervals(at)))
    return Site(
        public_id=page.public_id,
        name=page.name,
        slug=page.slug,
        description=page.description,
        root=root_of(page),
        language=page.language,
        zone=zone,
        at=at,
        changed_at=page.changed_at,
        parts=[_part(component, at, zone) for component in components],
        told=[_told(announcement) for announcement in _announcements(page)],
        address=settings.PUBLIC_URL + root_of(page),
    )


def _intervals(at: datetime) -> "Prefetch[Any, Any, Any]":
    since = at - timedelta(days=rollup.DAYS + 1)
    kept = StateInterval.objects.exclude(ended_at__lt=since).order_by("started_at", "id")
    return Prefetch("intervals", kept, to_attr="kept")


def _part(component: Component, at: datetime, zone: ZoneInfo) -> Part:
    kept: Iterable[StateInterval] = getattr(component, "kept", ())
    intervals = [rollup.Interval(row.state, row.started_at, row.ended_at) for row in kept]
    days = rollup.days(intervals, at=at, zone=zone)
    since = rollup.midnight(days[0].on, zone)
    return Part(
        public_id=component.public_id,
        name=component.name,
        description=component.description,
        group=component.group,
        position=component.position,
        state=component.state,
        uptime=rollup.uptime(intervals, since, at),
        days=days,
        created_at=component.created_at,
        changed_at=component.changed_at,
    )


def _announcements(page: StatusPage) -> Iterable[Announcement]:
    affected = AffectedComponent.objects.select_related("component").order_by("component__position", "component__name")
    return page.announcements.prefetch_related(
        Prefetch("updates", AnnouncementUpdate.objects.order_by("-posted_at", "-id")), Prefetch("affected", affected)
    ).order_by("-started_at", "-id")


def _told(row: Announcement) -> Told:
    return Told(
        public_id=row.public_id,
        title=row.title,
        status=row.status,
        impact=row.impact,
        affected=[
            (line.component.public_id, line.component.name, line.state)
            for line in row.affected.all()
            if not (line.chosen and line.state == ComponentState.OPERATIONAL)
        ],
        started_at=row.started_at,
        resolved_at=row.resolved_at,
        created_at=row.created_at,
        changed_at=row.changed_at,
        updates=[
            Said(
                public_id=update.public_id,
                status=update.status,
                text=update.text,
                posted_at=update.posted_at,
                next_update_at=update.next_update_at,
                affected=update.affected,
            )
            for update in row.updates.all()
        ],
    )
