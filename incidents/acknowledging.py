"""What a one-tap link finds, and the acknowledgement it makes.

The link is the proof: whoever holds it is the person paged."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.errors import Refused
from incidents import actions, escalation, links, queries
from incidents.alert_words import Lead
from incidents.models import Escalation, Incident, Kind, Page, TimelineEvent


class Standing(StrEnum):
    """How it stands with a link."""

    OPEN = "open"  # nobody has answered: the button
    MINE = "mine"  # the person paged has answered
    TAKEN = "taken"  # somebody else was first
    OVER = "over"  # the incident is over
    EXPIRED = "expired"
    CLOSED = "closed"  # the person has no active account any more, or may not know of the incident
    UNKNOWN = "unknown"  # not a link of ours


STATUS: dict[Standing, int] = {
    Standing.OPEN: 200,
    Standing.MINE: 200,
    Standing.TAKEN: 200,
    Standing.OVER: 410,
    Standing.EXPIRED: 410,
    Standing.CLOSED: 410,
    Standing.UNKNOWN: 404,
}


@dataclass(frozen=True)
class Found:
    """What stands behind a link. Without a page (expired, unknown, closed) nothing of the incident is told."""

    standing: Standing
    page: Page | None = None
    incident: Incident | None = None
    answer: TimelineEvent | None = None
    running: Escalation | None = None
    lead: Lead | None = None
    waits: bool = False  # the next page waits for working hours


def find(token: str, *, at: datetime) -> Found:
    """How it stands with the link `token` at `at`. Changes nothing."""
    link = links.read(token)
    page = Page.objects.select_related("person").filter(pk=link.page).first() if link else None
    if link is None or page is None:
        return Found(Standing.UNKNOWN)
    if link.expires_at <= at:
        return Found(Standing.EXPIRED)
    incident = (
        Incident.objects.visible_to(page.person)
        .select_related("severity", "service")
        .filter(pk=page.incident_id)
        .first()
    )
    if incident is None or not page.person.is_active:
        return Found(Standing.CLOSED)
    answer = (
        TimelineEvent.objects.filter(incident=incident, kind=Kind.ACKNOWLEDGED).select_related("actor").last()
        if incident.acknowledged_at
        else None
    )
    running = escalation.running_for(incident)
    waits = running is not None and escalation.waits_for_hours(incident, running, at=at)
    return Found(_standing(incident, page, answer), page, incident, answer, running, queries.lead_of(incident), waits)


def _standing(incident: Incident, page: Page, answer: TimelineEvent | None) -> Standing:
    if incident.is_over:
        return Standing.OVER
    if page.acknowledged_at is not None:
        return Standing.MINE
    if not escalation.is_answered(incident) or page.escalation_id is None:
        return Standing.OPEN
    if answer is not None and answer.actor_id == page.person_id:
        return Standing.MINE
    return Standing.TAKEN


def press(token: str, *, at: datetime) -> tuple[Found, int]:
    """Press the button of the link: what stands then, and the HTTP status to answer with. Pressing twice is peace."""
    found = find(token, at=at)
    if found.standing is not Standing.OPEN or found.page is None or found.incident is None:
        return found, 409 if found.standing is Standing.TAKEN else STATUS[found.standing]
    try:
        actions.acknowledge(found.incident, actor=found.page.person, at=at)
    except Refused:
        found = find(token, at=at)  # somebody was quicker, between the reading and the lock
        return found, 409 if found.standing is Standing.TAKEN else STATUS[found.standing]
    return find(token, at=at), 200
