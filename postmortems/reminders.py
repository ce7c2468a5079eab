"""Reminders of action items: found by their due column, sent once each."""

import logging
from datetime import datetime, timedelta

from core import sweep
from core.middleware import zone_or_utc
from incidents.models import Incident
from notifications.actions import notify
from notifications.models import MessageKind
from postmortems import words
from postmortems.models import ActionItem, ActionItemQuerySet
from postmortems.reminding import next_reminder

log = logging.getLogger(__name__)
PAUSE_AFTER_FAILURE = timedelta(hours=1)


def reminders_due(at: datetime) -> int:
    """Remind owners of what is due soon, today, or late; how many items were looked at."""

    def due() -> ActionItemQuerySet:
        return ActionItem.objects.to_remind(at).select_related("owner", "incident")

    def step(item: ActionItem) -> None:
        _remind(item, at)

    def put_off(pk: int, error: Exception) -> None:
        ActionItem.objects.filter(pk=pk).update(next_reminder_at=at + PAUSE_AFTER_FAILURE)

    return sweep.each_due(due, step, poisoned=put_off)


def _remind(item: ActionItem, at: datetime) -> None:
    zone = zone_or_utc(item.owner.time_zone)
    fired = item.next_reminder_at or at
    item.next_reminder_at = next_reminder(item.due_on, after=at, zone=zone)
    item.save(update_fields=["next_reminder_at"])
    incident = item.incident
    if incident is not None and not Incident.objects.visible_to(item.owner).filter(pk=incident.pk).exists():
        log.warning("An owner may not see the incident of an action item any more", extra={"item": item.pk})
        return
    said = words.reminder(item, today=at.astimezone(zone).date())
    notify(
        item.owner,
        topic=words.topic(item),
        kind=MessageKind.NOTICE,
        urgency="low",
        subject=said.subject,
        text=said.text,
        payload=words.payload(item, "reminder"),
        key=f"action-item/{item.pk}/remind/{fired:%Y%m%d}",
        at=at,
    )
