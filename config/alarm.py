"""Muster's own trouble, told to the administrators as a page: rows in the outbox, which whoever is alive sends.

No part of it needs Redis or a worker. One trouble is told once an hour at most, however long it lasts.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.permissions import Role
from incidents.messages import speaking_to
from notifications import actions as outbox
from notifications.models import Message, MessageKind, MessageState

log = logging.getLogger(__name__)
TOPIC = "alarm/"
EACH = 3600
DEAD_LETTERS = "dead_letters"
LATELY = timedelta(minutes=10)


def raise_alarm(name: str, sentence: Promise | str, *, at: datetime, subject: str = "", count: int = 1) -> int:
    """Page every active administrator about the trouble `name`; how many messages stand for this hour."""
    left = 0
    hour = int(at.timestamp()) // EACH
    for person in User.objects.filter(is_active=True, role=Role.ADMINISTRATOR).order_by("pk"):
        try:
            with transaction.atomic(), speaking_to(person):
                left += len(_tell(person, name, str(sentence) % {"subject": subject}, count=count, hour=hour, at=at))
        except Exception:
            log.exception("An administrator could not be told", extra={"person": person.pk, "alarm": name})
    return left


def _tell(person: User, name: str, words: str, *, count: int, hour: int, at: datetime) -> list[Message]:
    more = ""
    if count > 1:
        more = ngettext("And %(more)s more like it.", "And %(more)s more like it.", count - 1) % {"more": count - 1}
    page = f"{settings.PUBLIC_URL}/settings/paging-health/"
    text = "\n\n".join(
        line
        for line in (
            words,
            more,
            _("Muster pages you because its own paging is in trouble. How it stands: %(page)s") % {"page": page},
        )
        if line
    )
    return outbox.notify(
        person,
        topic=f"{TOPIC}{name}",
        kind=MessageKind.PAGE,
        urgency="high",
        subject=_("Muster's paging is in trouble: %(words)s") % {"words": words},
        text=text,
        payload={"alarm": name, "count": count, "health_url": page},
        key=f"{TOPIC}{name}/{hour}/{person.pk}",
        at=at,
    )


def dead_letters(*, at: datetime) -> int:
    """Tell the administrators of pages that were given up, and told in their incidents, in the last ten minutes; how
    many there are."""
    lost = (
        Message.objects.pages()
        .filter(state=MessageState.FAILED, failure_told_at__gt=at - LATELY)
        .exclude(topic__startswith=TOPIC)
        .order_by("id")
    )
    numbers = list(lost.values_list("pk", flat=True)[:1000])
    if numbers:
        sentence = gettext_lazy("Message %(subject)s, a page, could not be delivered.")
        raise_alarm(DEAD_LETTERS, sentence, subject=str(numbers[0]), count=len(numbers), at=at)
    return len(numbers)
