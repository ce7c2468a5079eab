"""Leaving messages in the outbox, and taking them back. Nothing leaves the process here: delivery.py sends."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Refused
from notifications import queries
from notifications.actions.account import ensure_account_email
from notifications.models import ContactMethod, Message, MessageKind, MessageState
from notifications.words import many_lines, one_line

RANKS: dict[str, int] = {MessageKind.PAGE: 10, MessageKind.TEST: 30}
RANK = 50


@transaction.atomic
def notify(
    person: User,
    *,
    topic: str,
    kind: str,
    urgency: str,
    subject: str,
    text: str,
    payload: dict[str, Any],
    key: str,
    at: datetime,
) -> list[Message]:
    """Leave these words for `person`, one message for each of their rules for `urgency`; without rules, by every
    verified method at once; without any, to the e-mail of their account. The messages as they stand in the outbox.

    A page of low urgency waits for the end of their quiet hours. The same `key` again leaves nothing twice.
    Somebody whose account is closed gets nothing.
    """
    if not person.is_active:
        return []
    ways = queries.ways_to(person, urgency) or [queries.Way(0, ensure_account_email(person, at=at))]
    quiet = queries.quiet_until(person, at=at) if urgency == "low" and kind == MessageKind.PAGE else None
    rows = [
        _row(
            way.method.channel,
            way.method.address,
            topic=topic,
            kind=kind,
            subject=subject,
            text=text,
            payload=payload,
            key=f"{key}/{way.method.pk}/{number}",
            at=at,
            due_at=(quiet or at) + timedelta(seconds=way.after_seconds),
            method=way.method,
        )
        for number, way in enumerate(ways)
    ]
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    return list(Message.objects.filter(idempotency_key__in=[row.idempotency_key for row in rows]).order_by("id"))


@transaction.atomic
def send_to(
    channel: str,
    address: str,
    *,
    topic: str,
    kind: str,
    subject: str,
    text: str,
    payload: dict[str, Any],
    key: str,
    at: datetime,
    method: ContactMethod | None = None,
    rank: int = 0,
) -> Message:
    """Leave these words for one address, whoever reads there. The same `key` again gives the message that stands."""
    row = _row(
        channel, address, topic=topic, kind=kind, subject=subject, text=text, payload=payload, key=key, at=at,
        due_at=at, method=method, rank=rank,
    )  # fmt: skip
    Message.objects.bulk_create([row], ignore_conflicts=True)
    return Message.objects.get(idempotency_key=key)


def withdraw(topic: str, *, at: datetime) -> int:
    """Nothing of this topic goes out any more: what is queued stays here, and what is on its way is not tried again.
    How many messages that were."""
    Message.objects.about(topic).filter(closed_at=None).update(closed_at=at)
    return Message.objects.about(topic).open().update(state=MessageState.WITHDRAWN, next_attempt_at=None)


def move_on(message: Message, *, at: datetime) -> Message | None:
    """`message` does not get through, so its person's next channel goes at once; the message that goes now, if any.

    That is the next by their rules or, when none is left and this one has failed for good, a verified method that no
    rule named."""
    if message.person_id is None or message.kind != MessageKind.PAGE or message.closed_at is not None:
        return None
    same = Message.objects.about(message.topic).filter(person=message.person_id)
    waiting = same.filter(state=MessageState.QUEUED, attempts=0).exclude(pk=message.pk)
    later = (
        waiting.filter(next_attempt_at__gt=at)
        .order_by("next_attempt_at", "id")
        .select_for_update(skip_locked=True, no_key=True)
        .first()
    )
    if later is not None:
        later.next_attempt_at = at
        later.save(update_fields=["next_attempt_at"])
        return later
    alive = same.exclude(state__in=[MessageState.FAILED, MessageState.WITHDRAWN]).exclude(pk=message.pk)
    if message.state != MessageState.FAILED or alive.exists():
        return None
    return _instead(message, at=at)


def _instead(message: Message, *, at: datetime) -> Message | None:
    used = Message.objects.about(message.topic).filter(person=message.person_id).values("channel", "address")
    tried = {(row["channel"], row["address"].lower()) for row in used}
    methods = ContactMethod.objects.verified().filter(person=message.person_id)
    unused = next((each for each in methods if (each.channel, each.address.lower()) not in tried), None)
    if unused is None and message.person is not None and ("email", message.person.email.lower()) not in tried:
        unused = ensure_account_email(message.person, at=at)
    if unused is None:
        return None
    stem = message.idempotency_key.rsplit("/", 2)[0]
    return send_to(
        unused.channel, unused.address, topic=message.topic, kind=message.kind, subject=message.subject,
        text=message.text, payload=message.payload, key=f"{stem}/{unused.pk}/instead", at=at, method=unused,
    )  # fmt: skip


@transaction.atomic
def send_again(message: Message, *, at: datetime) -> Message:
    """A failed message once more, as a new one with a key of its own."""
    fresh = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    if fresh.state != MessageState.FAILED:
        raise Refused(_("Only a message that failed can be sent again."), code="wrong_state")
    stem = fresh.idempotency_key.split("/again/")[0][:100]
    return send_to(
        fresh.channel, fresh.address, topic=fresh.topic, kind=fresh.kind, subject=fresh.subject, text=fresh.text,
        payload=fresh.payload, key=next_key(f"{stem}/again/"), at=at, method=fresh.method, rank=fresh.rank,
    )  # fmt: skip


def next_key(stem: str) -> str:
    """The key after the highest that begins with `stem`: old messages are thrown away, so counting would repeat one."""
    keys = Message.objects.filter(idempotency_key__startswith=stem).values_list("idempotency_key", flat=True)
    tails = (key.removeprefix(stem) for key in keys)
    return f"{stem}{max((int(tail) for tail in tails if tail.isdigit()), default=0) + 1}"


def failure_told(message: Message, *, at: datetime) -> None:
    """The room that left it has told its readers that it failed."""
    Message.objects.filter(pk=message.pk, failure_told_at=None).update(failure_told_at=at)


def _row(
    channel: str,
    address: str,
    *,
    topic: str,
    kind: str,
    subject: str,
    text: str,
    payload: dict[str, Any],
    key: str,
    at: datetime,
    due_at: datetime,
    method: ContactMethod | None,
    rank: int = 0,
) -> Message:
    return Message(
        topic=topic,
        kind=kind,
        rank=rank or RANKS.get(kind, RANK),
        person=method.person if method else None,
        method=method,
        channel=channel,
        address=address,
        subject=one_line(subject),
        text=many_lines(text),
        payload=payload,
        idempotency_key=key,
        state=MessageState.QUEUED,
        next_attempt_at=due_at,
        created_at=at,
    )
