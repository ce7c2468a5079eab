"""The words of messages about action items."""

from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from postmortems.models import ActionItem


class Said(NamedTuple):
    """A subject and a text."""

    subject: str
    text: str


def topic(item: ActionItem) -> str:
    """What messages about this item are filed under."""
    return f"action-item/{item.pk}"


def url(item: ActionItem) -> str:
    """The item's page, as an absolute address."""
    return str(settings.PUBLIC_URL) + reverse("postmortems:action-item", args=[item.pk])


def payload(item: ActionItem, event: str) -> dict[str, Any]:
    """What a program learns of it."""
    return {
        "kind": "action_item",
        "event": event,
        "action_item": item.pk,
        "title": item.title,
        "due_on": item.due_on.isoformat(),
        "incident": item.incident.reference if item.incident else None,
        "url": url(item),
    }


def assigned(item: ActionItem, actor: User | None) -> Said:
    """To somebody who owns it from now on."""
    with translation.override(item.owner.language or None):
        who = str(actor) if actor else "Muster"
        return Said(
            _("Yours: %(title)s") % {"title": item.title},
            _("%(who)s gave you an action item.") % {"who": who} + "\n\n" + _facts(item),
        )


def reminder(item: ActionItem, *, today: date) -> Said:
    """To its owner: how much time is left, or by how much it is late."""
    with translation.override(item.owner.language or None):
        days = (item.due_on - today).days
        values = {"title": item.title, "days": abs(days)}
        if days > 0:
            subject = _("Due in %(days)s days: %(title)s") % values
        elif days == 0:
            subject = _("Due today: %(title)s") % values
        else:
            subject = _("%(days)s days overdue: %(title)s") % values
        ask = _("If it will not happen, say so on its page: drop it with a reason, hand it on, or choose another day.")
        return Said(subject, f"{_facts(item)}\n\n{ask}")


def _facts(item: ActionItem) -> str:
    lines = [item.title, _("Due: %(day)s") % {"day": item.due_on.isoformat()}]
    if item.incident is not None:
        lines.append(
            _("From: %(reference)s %(title)s") % {"reference": item.incident.reference, "title": item.incident.title}
        )
    if item.details:
        lines += ["", item.details]
    return "\n".join([*lines, "", url(item)])
