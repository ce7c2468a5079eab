"""Words inside the room: what people note and what machines report."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Refused
from incidents import timeline, words
from incidents.models import Incident, Kind, TimelineEvent


@transaction.atomic
def add_note(
    incident: Incident,
    text: str,
    *,
    actor: User | None,
    at: datetime,
    actor_name: str = "",
    happened_at: datetime | None = None,
) -> TimelineEvent:
    """A note (markdown) in the story; `happened_at` where it tells of something earlier."""
    tidy = words.many_lines(text)
    if not tidy:
        raise Refused(_("There is nothing in this note yet."), code="text_required", status=400)
    if happened_at is not None and happened_at > at:
        raise Refused(_("A note cannot tell of the future."), status=400)
    fresh = Incident.objects.lock(incident.pk)
    return timeline.record(
        fresh, Kind.NOTE, at=at, actor=actor, actor_name=actor_name, text=tidy, happened_at=happened_at
    )


@transaction.atomic
def tell_alert(
    incident: Incident, *, kind: str, text: str, data: dict[str, Any], at: datetime, actor_name: str
) -> TimelineEvent:
    """A line about alerts: `kind` is Kind.ALERT_FIRED or Kind.ALERT_RESOLVED, `actor_name` the source's name."""
    fresh = Incident.objects.lock(incident.pk)
    return timeline.record(
        fresh, kind, at=at, actor_name=actor_name, text=words.one_line(text, longest=1000), data=data
    )
