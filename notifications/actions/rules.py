"""When a page reaches its person by which method."""

from datetime import datetime, time

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from core.errors import Refused
from notifications.models import ContactMethod, NotificationRule, QuietHours

LONGEST_AFTER = 3600
MOST_RULES = 20


@transaction.atomic
def add_rule(
    person: User, *, urgency: str, after_seconds: int, method: ContactMethod, actor: User | None, at: datetime
) -> NotificationRule:
    """Pages of `urgency` reach `person` by `method`, this long after the page."""
    if method.person_id != person.pk:
        raise Refused(_("This contact method belongs to somebody else."), code="invalid", status=400)
    if urgency not in {"high", "low"}:
        raise Refused(_("The urgency must be high or low."), code="invalid", status=400)
    if not 0 <= after_seconds <= LONGEST_AFTER:
        raise Refused(_("A rule waits from 0 seconds to an hour."), code="invalid", status=400)
    if NotificationRule.objects.filter(person=person, urgency=urgency).count() >= MOST_RULES:
        raise Refused(_("%(count)s rules are the most.") % {"count": MOST_RULES})
    try:
        with transaction.atomic():
            rule = NotificationRule.objects.create(
                person=person, urgency=urgency, after_seconds=after_seconds, method=method
            )
    except IntegrityError:
        raise Refused(_("This rule stands already."), code="already") from None
    audit.record(actor, "notification rule added", str(person), before={}, after={"rule": str(rule)}, at=at)
    return rule


@transaction.atomic
def remove_rule(rule: NotificationRule, *, actor: User | None, at: datetime) -> None:
    """Pages no longer go this way. Without any rule for an urgency, every verified method is used at once."""
    audit.record(actor, "notification rule removed", str(rule.person), before={"rule": str(rule)}, after={}, at=at)
    rule.delete()


@transaction.atomic
def set_quiet_hours(
    person: User, *, starts: time | None, ends: time | None, actor: User | None, at: datetime
) -> QuietHours | None:
    """From `starts` to `ends`, by the clock of their zone, pages of low urgency wait. Without both there are none."""
    before = QuietHours.objects.filter(person=person).first()
    if (starts is None) != (ends is None):
        raise Refused(_("Give both a beginning and an end, or neither."), code="invalid", status=400)
    if starts is not None and starts == ends:
        raise Refused(_("Quiet hours that begin when they end would never be over."), code="invalid", status=400)
    QuietHours.objects.filter(person=person).delete()
    after = None
    if starts is not None and ends is not None:
        after = QuietHours.objects.create(person=person, starts=starts, ends=ends)
    audit.record(
        actor,
        "quiet hours set",
        str(person),
        before={"hours": str(before or "")},
        after={"hours": str(after or "")},
        at=at,
    )
    return after
