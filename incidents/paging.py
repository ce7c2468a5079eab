"""Asking one person to come to one incident: the page, its words, and what became of it."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import sweep
from incidents import messages, timeline
from incidents.messages import Coming, Place
from incidents.models import Admission, Escalation, Incident, Kind, Page
from notifications import actions as outbox
from notifications.models import Message, MessageKind, MessageQuerySet, MessageState

log = logging.getLogger(__name__)


@transaction.atomic
def page(
    incident: Incident,
    person: User,
    *,
    reason: str,
    at: datetime,
    escalation: Escalation | None = None,
    round: int = 0,
    step: int = 0,
    actor: User | None = None,
) -> Page:
    """Ask `person` to come, by their own rules, and tell it in the story. The page, with its messages in the outbox.

    Being called admits them to a private incident. The same step again gives the page that stands.
    """
    fresh = Incident.objects.lock(incident.pk)
    place = Place(escalation, round, step, is_fallback=False) if escalation else None
    return _page(fresh, person, reason=reason, at=at, place=place, coming=None, actor=actor)


def page_by_plan(
    incident: Incident, person: User, *, reason: str, at: datetime, place: Place, coming: Coming | None
) -> Page:
    """As `page`, from a step of a plan; the message says what happens next. The caller holds the incident's row."""
    return _page(incident, person, reason=reason, at=at, place=place, coming=coming, actor=None)


def _page(
    incident: Incident,
    person: User,
    *,
    reason: str,
    at: datetime,
    place: Place | None,
    coming: Coming | None,
    actor: User | None,
) -> Page:
    facts = {"reason": reason[:300], "urgency": incident.severity.urgency, "paged_at": at}
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
        "urgency": row.urgency,
        "channels": sorted({message.channel for message in left}),
        "round": place.round if place else None,
        "step": place.step if place else None,
        "policy": place.escalation.policy_name if place else "",
    }
    text = _("paged %(person)s: %(reason)s") % {"person": person, "reason": row.reason}
    if place and not place.is_fallback:
        text += _(" (step %(number)s of “%(policy)s”)") % {
            "number": place.step + 1,
            "policy": place.escalation.policy_name,
        }
    timeline.record(incident, Kind.PAGED, at=at, actor=actor, text=text, data=data)
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
    words = {
        "person": row.person,
        "channel": message.get_channel_display().lower(),
        "why": message.failure or _("no reason is known"),
    }
    timeline.record(
        incident,
        Kind.PAGE_FAILED,
        at=at,
        text=_("could not reach %(person)s by %(channel)s: %(why)s") % words,
        data={
            "page": row.pk,
            "message": message.pk,
            "channel": message.channel,
            "person": row.person_id,
            "name": str(row.person),
        },
    )


def _go_on_if_unreachable(incident: Incident, row: Page, *, at: datetime) -> None:
    escalation = Escalation.objects.filter(incident=incident, state=Escalation.State.RUNNING).first()
    if escalation is None or escalation.pk != row.escalation_id:
        return
    if escalation.next_step_at is None or escalation.next_step_at <= at:
        return
    latest = Page.objects.filter(escalation=escalation).order_by("-paged_at", "-pk").first()
    if latest is None or (latest.round, latest.step) != (row.round, row.step):
        return  # the plan has moved on from this step already
    same_step = Page.objects.filter(escalation=escalation, round=row.round, step=row.step)
    gone = [MessageState.FAILED, MessageState.WITHDRAWN]
    topics = [one.topic for one in same_step]
    if Message.objects.filter(topic__in=topics).exclude(state__in=gone).exists():
        return
    escalation.next_step_at = at
    escalation.save(update_fields=["next_step_at"])
    timeline.record(
        incident,
        Kind.ESCALATED,
        at=at,
        text=_("can reach nobody of step %(number)s, so the next step goes at once") % {"number": row.step + 1},
        data={"round": row.round, "step": row.step, "unreachable": True},
    )
