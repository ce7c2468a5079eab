"""Asking one person to come to one incident: the page, its words, and what became of it."""

import logging
from datetime import datetime

from django.db import transaction

from accounts.models import User
from core import sweep
from incidents import messages, paging_lines, reasons, timeline
from incidents.messages import Coming, Place
from incidents.models import Admission, Escalation, Incident, Kind, Page
from notifications import actions as outbox
from notifications.models import Message, MessageKind, MessageQuerySet, MessageState
from oncall import policy
from oncall.reasons import Why

log = logging.getLogger(__name__)


@transaction.atomic
def page(
    incident: Incident,
    person: User,
    *,
    at: datetime,
    reason: str = "",
    why: Why | None = None,
    escalation: Escalation | None = None,
    round: int = 0,
    step: int = 0,
    actor: User | None = None,
) -> Page:
    """Ask `person` to come, by their own rules, and tell it in the story. The page, with its messages in the outbox.

    `why` as incidents/reasons.py knows it, or `reason` in words that stay as they are.

    Being called admits them to a private incident. The same step again gives the page that stands.
    """
    fresh = Incident.objects.lock(incident.pk)
    place = Place(escalation, round, step, is_fallback=False) if escalation else None
    return _page(fresh, person, reason=reason, why=why or {}, at=at, place=place, coming=None, actor=actor)


def page_by_plan(
    incident: Incident, person: User, *, why: Why, at: datetime, place: Place, coming: Coming | None
) -> Page:
    """As `page`, from a step of a plan; the message says what happens next. The caller holds the incident's row."""
    return _page(incident, person, reason="", why=why, at=at, place=place, coming=coming, actor=None)


def _page(
    incident: Incident,
    person: User,
    *,
    reason: str,
    why: Why,
    at: datetime,
    place: Place | None,
    coming: Coming | None,
    actor: User | None,
) -> Page:
    said = reasons.reason(why) or reason
    facts = {"reason": said[:300], "why": why, "urgency": incident.severity.urgency, "paged_at": at}
    if place is None:
        row, is_new = Page.objects.create(incident=incident, person=person, **facts), True
    else:
        row, is_new = Page.objects.get_or_create(
            escalation=place.escalation,
            round=place.round,
            step=place.step,
            person=person,
            defaults={"incident": incident, **facts},
        )
    if not is_new:
        return row
    _admit(incident, person, at=at)
    left = _tell(incident, person, row, place, coming, at=at)
    data = {
        "page": row.pk,
        "person": person.pk,
        "name": str(person),
        "reason": row.reason,
        "why": why,
        "urgency": row.urgency,
        "channels": sorted({message.channel for message in left}),
        "round": place.round if place else None,
        "step": place.step if place else None,
        "policy": place.escalation.policy_name if place else "",
        "is_fallback": bool(place and place.is_fallback),
    }
    timeline.record(incident, Kind.PAGED, at=at, actor=actor, text=paging_lines.paged(data), data=data)
    return row


def _admit(incident: Incident, person: User, *, at: datetime) -> None:
    """Who is called to a private incident must be able to work on it; the story says so."""
    if not incident.private or person.is_administrator:
        return
    _admission, is_new = Admission.objects.get_or_create(incident=incident, person=person, defaults={"admitted_at": at})
    if is_new:
        data = {"person": person.pk, "name": str(person), "admitted": True}
        timeline.record(incident, Kind.ADMITTED, at=at, data=data)


def _tell(
    incident: Incident, person: User, row: Page, place: Place | None, coming: Coming | None, *, at: datetime
) -> list[Message]:
    """Leave the words in the outbox, in the person's language and zone."""
    with messages.speaking_to(person):
        return outbox.notify(
            person,
            topic=row.topic,
            kind=MessageKind.PAGE,
            urgency=row.urgency,
            subject=messages.subject(incident),
            text=messages.text(incident, row, place, coming, at=at),
            payload=messages.payload(incident, person, row, place, coming, at=at),
            key=row.topic,
            at=at,
        )


def withdraw(incident: Incident, *, at: datetime, person: User | None = None) -> int:
    """What has not gone out yet to people paged for it (to `person` alone, where given) stays here; how many messages
    that were."""
    pages = Page.objects.filter(incident=incident)
    if person is not None:
        pages = pages.filter(person=person)
    return sum(outbox.withdraw(one.topic, at=at) for one in pages)


def failures_due(at: datetime) -> int:
    """Tell every page message that was given up in the story of its incident; how many were told. When nobody of a step
    can be reached any more, the next step goes at once."""

    def due() -> MessageQuerySet:
        return Message.objects.pages().failed_untold()

    def step(message: Message) -> None:
        outbox.failure_told(message, at=at)
        number = _page_of(message)
        page_row = Page.objects.filter(pk=number).select_related("person").first() if number else None
        if page_row is not None:
            incident = Incident.objects.lock(page_row.incident_id)
            _tell_failure(incident, page_row, message, at=at)
            _go_on_if_unreachable(incident, page_row, at=at)

    def poisoned(pk: int, error: Exception) -> None:
        Message.objects.filter(pk=pk).update(failure_told_at=at)

    return sweep.each_due(due, step, poisoned=poisoned)


def _page_of(message: Message) -> int:
    number = message.topic.removeprefix("page/")
    return int(number) if number.isascii() and number.isdigit() else 0


def _tell_failure(incident: Incident, row: Page, message: Message, *, at: datetime) -> None:
    data = {
        "page": row.pk,
        "message": message.pk,
        "channel": message.channel,
        "person": row.person_id,
        "name": str(row.person),
        "failure": message.failure,
    }
    timeline.record(incident, Kind.PAGE_FAILED, at=at, text=paging_lines.page_failed(data), data=data)


def _go_on_if_unreachable(incident: Incident, row: Page, *, at: datetime) -> None:
    escalation = Escalation.objects.filter(incident=incident, state=Escalation.State.RUNNING).first()
    if escalation is None or escalation.pk != row.escalation_id:
        return
    if escalation.next_step_at is None or escalation.next_step_at <= at:
        return
    latest = Page.objects.filter(escalation=escalation).order_by("-paged_at", "-pk").first()
    if latest is None or (latest.round, latest.step) != (row.round, row.step):
        return  # the plan has moved on from this step already
    if policy.is_used_up(escalation.plan, row.round, row.step):
        return  # the last ones are called again in their time: a dead mail server must not make a storm of it
    same_step = Page.objects.filter(escalation=escalation, round=row.round, step=row.step)
    gone = [MessageState.FAILED, MessageState.WITHDRAWN]
    topics = [one.topic for one in same_step]
    if Message.objects.filter(topic__in=topics).exclude(state__in=gone).exists():
        return
    escalation.next_step_at = at
    escalation.save(update_fields=["next_step_at"])
    data = {"round": row.round, "step": row.step, "unreachable": True}
    timeline.record(incident, Kind.ESCALATED, at=at, text=paging_lines.escalated(data), data=data)
