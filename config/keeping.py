"""What may be forgotten, seen over all rooms: one of them alone cannot know who still needs its rows."""

from datetime import datetime

from django.db.models import CharField, Q, Value
from django.db.models.functions import Cast, Concat

from incidents.lifecycle import OPEN
from incidents.models import Page
from notifications import keeping
from postmortems.models import Postmortem

WRITTEN = (Postmortem.State.PUBLISHED, Postmortem.State.WAIVED)


def old_messages_due(at: datetime) -> int:
    """Throw away old messages, but none of an incident that is open or whose postmortem is still being written."""
    being_written = Postmortem.objects.exclude(state__in=WRITTEN).values("incident")
    needed = Page.objects.filter(Q(incident__status__in=OPEN) | Q(incident__in=being_written))
    topics = needed.values_list(Concat(Value("page/"), Cast("pk", CharField())), flat=True)
    return keeping.forget(but=topics, at=at)
