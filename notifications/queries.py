"""Questions about how people are reached, and what went out."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from core.middleware import zone_or_utc
from notifications import quiet
from notifications.models import Circuit, ContactMethod, Message, MessageState, NotificationRule, QuietHours


class Way(NamedTuple):
    """By `method`, `after_seconds` after the page."""

    after_seconds: int
    method: ContactMethod


def ways_to(person: User, urgency: str) -> list[Way]:
    """How a page of `urgency` reaches `person`, in order: by their rules or, without any for this urgency, by every
    verified method at once. Empty where no method is verified."""
    rules = NotificationRule.objects.filter(person=person, urgency=urgency, method__verified_at__isnull=False)
    found = [Way(rule.after_seconds, rule.method) for rule in rules.select_related("method__person")]
    if found:
        return found
    return [
        Way(0, method) for method in ContactMethod.objects.verified().filter(person=person).select_related("person")
    ]


def verified_at_address(channel: str, address: str) -> ContactMethod | None:
    """Whose verified contact method this address is; None where nobody's, or where two claim it."""
    rows = ContactMethod.objects.verified().filter(channel=channel, address=address, person__is_active=True)
    found = list(rows.select_related("person")[:2])
    return found[0] if len(found) == 1 else None


def messages_about(topics: Iterable[str]) -> dict[str, list[Message]]:
    """The messages of each topic with their tries, oldest first."""
    found: dict[str, list[Message]] = defaultdict(list)
    rows = Message.objects.filter(topic__in=list(topics)).select_related("person", "method").prefetch_related("tries")
    for message in rows.order_by("id"):
        found[message.topic].append(message)
    return found


def recent_messages() -> QuerySet[Message]:
    """Everything that went out or is about to, newest first, with tries and people."""
    return Message.objects.select_related("person", "method").prefetch_related("tries").order_by("-id")


def about_words(rows: QuerySet[Message], text: str) -> QuerySet[Message]:
    """Those whose person, address or topic holds every word of `text`."""
    for word in text.split()[:8]:
        rows = rows.filter(
            Q(person__name__icontains=word)
            | Q(address__icontains=word)
            | Q(topic__icontains=word)
            | Q(subject__icontains=word)
        )
    return rows


def standing() -> dict[str, int]:
    """How many messages stand in each state that somebody may have to look at."""
    rows = Message.objects.filter(state__in=[MessageState.QUEUED, MessageState.SENDING, MessageState.FAILED])
    found = dict(rows.order_by().values_list("state").annotate(number=Count("pk")))
    return {
        str(state): found.get(state, 0) for state in (MessageState.QUEUED, MessageState.SENDING, MessageState.FAILED)
    }


def quiet_hours_of(person: User) -> dict[str, Any]:
    """Their quiet hours as a form takes them; empty where there are none."""
    hours = QuietHours.objects.filter(person=person).first()
    return {"starts": hours.starts, "ends": hours.ends} if hours else {}


def quiet_until(person: User, *, at: datetime) -> datetime | None:
    """When the quiet hours they are in end; None where they are in none."""
    hours = QuietHours.objects.filter(person=person).first()
    if hours is None:
        return None
    return quiet.ends_at(at, starts=hours.starts, ends=hours.ends, zone=zone_or_utc(person.time_zone))


def open_circuits() -> QuerySet[Circuit]:
    """Providers that are left alone for a while because they fail again and again."""
    return Circuit.objects.filter(opened_at__isnull=False).order_by("lane")


def methods_of(person: User) -> QuerySet[ContactMethod]:
    """Their contact methods, the oldest first."""
    return ContactMethod.objects.filter(person=person).order_by("id")


def rules_of(person: User, urgency: str) -> QuerySet[NotificationRule]:
    """Their rules for one urgency, in the order in which they act."""
    return NotificationRule.objects.filter(person=person, urgency=urgency).select_related("method")
