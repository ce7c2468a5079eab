"""Carries public updates from incidents to the pages whose components they are about.

Looks down through incidents/public.py; unique rows say what was announced already. Nothing below knows of it.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from django.db import connection, transaction

from incidents import public
from incidents.public import PublicIncident, PublicUpdate
from statuspage import rollup, states, words
from statuspage.models import (
    AffectedComponent,
    Announcement,
    AnnouncementUpdate,
    Component,
    ComponentState,
    StatusPage,
    new_public_id,
)

log = logging.getLogger(__name__)


def announcements_due(at: datetime) -> int:
    """Announce what is new, follow what changed, take back what must not be seen; how many announcements changed."""
    hidden = public.withheld(Announcement.objects.values("incident_id"))
    changed = sum(_guarded(partial(take_back, incident_id, at=at)) for incident_id in hidden)
    incidents = public.untold(
        told_updates=AnnouncementUpdate.objects.filter(update_id__isnull=False).values("update_id"),
        showing=Announcement.objects.filter(resolved_at=None).values("incident_id"),
        over=Announcement.objects.filter(resolved_at__isnull=False).values("incident_id"),
        at=at,
    )
    return changed + sum(_guarded(partial(announce, incident, at=at)) for incident in incidents)


def _guarded(step: Callable[[], int]) -> int:
    try:
        with transaction.atomic():
            return step()
    except Exception:  # one incident must never hold up the others
        log.exception("An incident could not be announced")
        return 0


def announce(incident: PublicIncident, *, at: datetime, choices: Mapping[int, str] | None = None) -> int:
    """Bring every page that should know of `incident` in line with it; how many announcements changed.

    The caller is in a transaction. `choices`: the state a person gave to components (by id) in this incident; they stay
    with the announcement.
    """
    fresh = _alone_with(incident)
    if fresh is None:
        return 0
    incident = fresh
    homes = _homes(incident, choices or {})
    return sum(_on_page(page, incident, components, choices or {}, at=at) for page, components in homes)


def _alone_with(incident: PublicIncident) -> PublicIncident | None:
    """The incident as it is now, with nobody else announcing it until the end of this transaction: what was read before
    may be older than what another one has announced since. None if the world may not see it any more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"announce/{incident.id}"])
    return public.find(incident.id)


def take_back(incident_id: int, *, at: datetime) -> int:
    """The world may not see this incident any more: its announcements, and what they said of components, go."""
    rows = list(Announcement.objects.filter(incident_id=incident_id))
    component_ids = list(AffectedComponent.objects.filter(announcement__in=rows).values_list("component_id", flat=True))
    for row in rows:
        row.delete()
    StatusPage.objects.filter(pk__in={row.page_id for row in rows}).changed(at)
    states.refresh(component_ids, at=at)
    return len(rows)


def pages_for_service(service_id: int | None) -> list[tuple[StatusPage, list[Component]]]:
    """Where an incident of this service would be told: the pages of its components; else the default page alone."""
    tied: dict[int, list[Component]] = {}
    if service_id is not None:
        for component in Component.objects.filter(services=service_id).order_by("position", "name"):
            tied.setdefault(component.page_id, []).append(component)
    pages = StatusPage.objects.filter(pk__in=tied) if tied else StatusPage.objects.filter(is_default=True)
    return [(page, tied.get(page.pk, [])) for page in pages.order_by("pk")]


def _homes(incident: PublicIncident, choices: Mapping[int, str]) -> list[tuple[StatusPage, list[Component]]]:
    """Pages of the service's components, pages that tell of it already, pages of chosen components."""
    found = {page.pk: (page, components) for page, components in pages_for_service(incident.service_id)}
    standing = set(Announcement.objects.filter(incident_id=incident.id).values_list("page_id", flat=True))
    chosen = {component.page_id for component in Component.objects.filter(pk__in=choices)}
    has_tied = any(components for _page, components in found.values())
    if (standing or chosen) and not has_tied:
        found = {pk: home for pk, home in found.items() if pk in standing or not standing | chosen}
    for page in StatusPage.objects.filter(pk__in=(standing | chosen) - found.keys()):
        found[page.pk] = (page, [])
    return [found[pk] for pk in sorted(found)]


def _on_page(
    page: StatusPage,
    incident: PublicIncident,
    components: list[Component],
    choices: Mapping[int, str],
    *,
    at: datetime,
) -> int:
    row = _locked(page, incident, at)
    before = (row.title, row.status, row.impact, row.started_at, row.resolved_at)
    was_over = row.resolved_at is not None
    row.title = incident.title
    row.status = incident.status
    row.impact = rollup.impact_for(incident.severity_rank)
    row.started_at = min(incident.started_at, at)
    row.resolved_at = (incident.resolved_at or at) if incident.is_over else None
    moved = _mark_components(row, incident, components, choices)
    new = _copy_updates(row, incident, was_over=was_over, at=at)
    if not new and not moved and before == (row.title, row.status, row.impact, row.started_at, row.resolved_at):
        return 0
    row.changed_at = at
    row.save()
    StatusPage.objects.filter(pk=page.pk).changed(at)
    touched = list(row.affected.values_list("component_id", flat=True))
    states.refresh(touched, at=at, since=row.resolved_at or row.started_at)
    return 1


def _locked(page: StatusPage, incident: PublicIncident, at: datetime) -> Announcement:
    Announcement.objects.get_or_create(
        page=page,
        incident_id=incident.id,
        defaults={
            "public_id": new_public_id(),
            "title": "",
            "status": "",
            "started_at": min(incident.started_at, at),
            "created_at": at,
            "changed_at": at,
        },
    )
    return Announcement.objects.select_for_update(no_key=True).get(page=page, incident_id=incident.id)


def _mark_components(
    row: Announcement, incident: PublicIncident, components: list[Component], choices: Mapping[int, str]
) -> bool:
    """What the announcement says of components: chosen states stay, the others follow the severity; whether any moved.
    What was said while it was open stays as it was once it is over."""
    derived = rollup.state_for(incident.severity_rank)
    lines = {line.component_id: line for line in row.affected.all()}
    own = set(Component.objects.filter(page=row.page_id, pk__in=choices).values_list("pk", flat=True))
    moved = False
    for component_id in sorted(own | {component.pk for component in components}):
        line = lines.get(component_id)
        chosen = component_id in own
        state = choices[component_id] if chosen else derived
        if line is None:
            if incident.is_over and not chosen and row.status and row.updates.exists():
                continue
            AffectedComponent.objects.create(announcement=row, component_id=component_id, state=state, chosen=chosen)
        elif (chosen and (line.state, line.chosen) != (state, True)) or (
            not chosen and not line.chosen and not incident.is_over and line.state != state
        ):
            line.state, line.chosen = state, chosen or line.chosen
            line.save(update_fields=["state", "chosen"])
        else:
            continue
        moved = True
    return moved


def _copy_updates(row: Announcement, incident: PublicIncident, *, was_over: bool, at: datetime) -> int:
    """Copy what was not copied yet, and say by ourselves that it is over, or began again, where nobody did."""
    copied = set(row.updates.filter(update_id__isnull=False).values_list("update_id", flat=True))
    missing = [update for update in incident.updates if update.id not in copied]
    for update in missing:
        _say(row, update.status, update.text, update.posted_at, update=update)
    last = row.updates.order_by("posted_at", "pk").last()
    if last is None:
        return len(missing)
    if incident.is_over and last.status != words.RESOLVED:
        _say(row, words.RESOLVED, words.resolved_by_itself(), max(row.resolved_at or at, last.posted_at))
        return len(missing) + 1
    if was_over and not incident.is_over and last.status == words.RESOLVED:
        _say(row, incident.status, words.begun_again(), max(at, last.posted_at))
        return len(missing) + 1
    return len(missing)


def _say(
    row: Announcement, status: str, text: str, posted_at: datetime, *, update: PublicUpdate | None = None
) -> AnnouncementUpdate:
    """One update on the page, with what it changes for components."""
    earlier = row.updates.order_by("posted_at", "pk").last()
    was = {line["code"]: line["new"] for line in earlier.affected} if earlier else {}
    over = status == words.RESOLVED
    affected = [
        {
            "code": line.component.public_id,
            "name": line.component.name,
            "old": was.get(line.component.public_id, ComponentState.OPERATIONAL.value),
            "new": ComponentState.OPERATIONAL.value if over else line.state,
        }
        for line in row.affected.select_related("component").order_by("component__position", "component__name")
    ]
    return AnnouncementUpdate.objects.create(
        announcement=row,
        update_id=update.id if update else None,
        status=status,
        text=text,
        affected=affected,
        posted_at=posted_at,
        next_update_at=update.next_update_at if update else None,
    )
