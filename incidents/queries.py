"""Questions about incidents. `visible_incident` and `Incident.objects.visible_to` are a person's only doors to them."""

import re

from django.http import Http404

from accounts.models import User
from incidents.models import Incident, IncidentQuerySet, TimelineEvent

REFERENCE = re.compile(r"INC-([1-9][0-9]{0,8})", re.IGNORECASE)


def number_of(reference: str) -> int | None:
    """The number in a reference such as "INC-42"; None if it is not one."""
    found = REFERENCE.fullmatch(reference)
    return int(found[1]) if found else None


def visible_incident(person: User, reference: str) -> Incident:
    """The incident with this reference. Http404 alike for what is not there and for what `person` may not know of."""
    number = number_of(reference)
    if number is None:
        raise Http404(reference)
    incident = (
        Incident.objects.visible_to(person)
        .select_related("severity", "service", "declared_by")
        .filter(number=number)
        .first()
    )
    if incident is None:
        raise Http404(reference)
    return incident


def timeline_after(incident: Incident, seq: int, *, most: int = 500) -> list[TimelineEvent]:
    """The lines of the story after number `seq`, oldest first, at most `most` of them."""
    lines = TimelineEvent.objects.filter(incident=incident, seq__gt=seq).select_related("actor").order_by("seq")
    return list(lines[:most])


def search(person: User, text: str) -> IncidentQuerySet:
    """What `person` may see of the incidents that `text` speaks of."""
    return Incident.objects.visible_to(person).filter(title__icontains=text.strip())
