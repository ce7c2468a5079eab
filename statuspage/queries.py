"""Questions about public pages, for the people who keep them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch, QuerySet

from incidents import public
from statuspage import rollup, words
from statuspage.models import AffectedComponent, Announcement, AnnouncementUpdate, Component, StateInterval, StatusPage


@dataclass(frozen=True)
class Overview:
    """One page as its keepers see it in the list."""

    page: StatusPage
    state: str
    components: int
    open: list[Announcement]

    @property
    def is_written(self) -> bool:
        return self.page.revision == self.page.written_revision


def overviews() -> list[Overview]:
    """Every page, the default one first."""
    found = []
    for page in StatusPage.objects.prefetch_related("components", _open_announcements()):
        open_now: list[Announcement] = getattr(page, "open_now", [])
        states = [component.state for component in page.components.all()]
        impacts = [row.impact for row in open_now if not row.affected.all()]
        found.append(Overview(page, rollup.overall(states, impacts), len(states), open_now))
    return found


def state_of(page: StatusPage) -> str:
    """What the page says as a whole: its worst component, or what an open incident without one says."""
    states = page.components.values_list("state", flat=True)
    loose = page.announcements.filter(resolved_at=None, affected=None).values_list("impact", flat=True)
    return rollup.overall(states, loose)


def overview_of(page: StatusPage) -> Overview:
    """The same of one page."""
    return next(found for found in overviews() if found.page.pk == page.pk)


def _open_announcements() -> "Prefetch[str, QuerySet[Announcement], str]":
    rows = Announcement.objects.filter(resolved_at=None).prefetch_related("affected__component", "updates")
    return Prefetch("announcements", rows, to_attr="open_now")


@dataclass(frozen=True)
class Kept:
    """One component as its keepers see it. `said_by`: the open announcements that say something about it."""

    component: Component
    uptime: str
    said_by: list[Announcement]


def components_of(page: StatusPage, *, at: datetime) -> list[tuple[str, list[Kept]]]:
    """The components by group, in the page's order."""
    since = at - timedelta(days=rollup.DAYS)
    intervals = StateInterval.objects.exclude(ended_at__lt=since)
    said = AffectedComponent.objects.filter(announcement__resolved_at=None).select_related("announcement")
    rows = page.components.select_related("hand_by").prefetch_related(
        "services", Prefetch("intervals", intervals, to_attr="kept"), Prefetch("affected", said)
    )
    groups: dict[str, list[Kept]] = {"": []}
    for row in rows:
        kept = [rollup.Interval(one.state, one.started_at, one.ended_at) for one in getattr(row, "kept", [])]
        uptime = words.uptime_words(rollup.shown_percent(rollup.uptime(kept, since, at)))
        groups.setdefault(row.group, []).append(Kept(row, uptime, [line.announcement for line in row.affected.all()]))
    return [(name, held) for name, held in groups.items() if held]


@dataclass(frozen=True)
class Told:
    """What one page says of an incident now."""

    page: StatusPage
    announcement: Announcement
    updates: list[AnnouncementUpdate]
    affected: list[AffectedComponent]
    is_written: bool


@dataclass(frozen=True)
class PublicSide:
    """The public side of an incident: what each page says; whether words are on their way that no page has yet."""

    told: list[Told]
    is_coming: bool

    @property
    def is_settled(self) -> bool:
        return not self.is_coming and all(one.is_written for one in self.told)


def public_side(incident_id: int) -> PublicSide:
    """What the world sees of the incident now."""
    rows = (
        Announcement.objects.filter(incident_id=incident_id)
        .select_related("page")
        .prefetch_related("updates", "affected__component")
        .order_by("-page__is_default", "page__name")
    )
    told = [
        Told(
            row.page,
            row,
            list(row.updates.all()),
            sorted(row.affected.all(), key=lambda line: (line.component.position, line.component.name)),
            row.page.revision == row.page.written_revision,
        )
        for row in rows
    ]
    said = public.find(incident_id)
    carried = {update.update_id for one in told for update in one.updates}
    return PublicSide(told, said is not None and any(update.id not in carried for update in said.updates))
