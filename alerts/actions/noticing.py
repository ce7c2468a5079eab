"""Who looks after a source hears of what its sender believes to be delivered, and Muster could not read."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from alerts import messages, queries
from alerts.messages import Loss
from alerts.models import AlertSource
from incidents.messages import speaking_to
from notifications.actions import notify
from notifications.models import MessageKind

log = logging.getLogger(__name__)
TOLD_EVERY = timedelta(hours=1)


def tell_loss(source: AlertSource, losses: Sequence[Loss], *, at: datetime) -> None:
    """One low-urgency notice for each person who looks after the source, at most once an hour. The alerts beside what
    was lost matter more: a notice that cannot be left is logged, and spoils nothing."""
    if not losses:
        return
    try:
        with transaction.atomic():
            if _is_turn(source, at):
                for person in queries.people_of(source):
                    _tell(person, source, losses, at)
    except Exception:
        log.exception("Nobody could be told of a payload that cannot be read", extra={"source": source.pk})


def _is_turn(source: AlertSource, at: datetime) -> bool:
    long_ago = Q(unreadable_told_at=None) | Q(unreadable_told_at__lte=at - TOLD_EVERY)
    return bool(AlertSource.objects.filter(long_ago, pk=source.pk).update(unreadable_told_at=at))


def _tell(person: User, source: AlertSource, losses: Sequence[Loss], at: datetime) -> None:
    with speaking_to(person):
        said = messages.loss(source, losses)
    notify(
        person,
        topic=f"alert-source/{source.pk}",
        kind=MessageKind.NOTICE,
        urgency="low",
        subject=said.subject,
        text=said.text,
        payload=messages.loss_payload(source, losses),
        key=f"alert-source/{source.pk}/unreadable/{person.pk}/{at:%Y%m%dT%H%M%S}",
        at=at,
    )
