"""Questions about lessons and promises. What hangs on an incident is seen by those who may see the incident."""

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.models import User
from incidents.models import Incident
from postmortems.models import ActionItem, ActionItemQuerySet, Postmortem


def postmortems_visible_to(person: User) -> "QuerySet[Postmortem]":
    """The postmortems of incidents that `person` may see, newest first."""
    return Postmortem.objects.filter(incident__in=Incident.objects.visible_to(person)).select_related(
        "incident", "incident__severity", "incident__service", "author"
    )


def visible_postmortem(person: User, reference: str) -> Postmortem:
    """The postmortem of the incident with this reference; Http404 alike for none and for what `person` may not see."""
    number = reference.removeprefix("INC-")
    found = (
        postmortems_visible_to(person).filter(incident__number=number)
        if number.isascii() and number.isdigit()
        else None
    )
    postmortem = found.first() if found is not None and len(number) < 10 else None
    if postmortem is None:
        raise Http404(reference)
    return postmortem


def action_items_visible_to(person: User) -> ActionItemQuerySet:
    """Items without an incident, and those of incidents that `person` may see. Filters: `open()`, `overdue(on)`,
    `owned_by(person)`, `of_team(team)`, `by_priority(priority)`, `due_within(on, days)`."""
    return ActionItem.objects.filter(
        Q(incident=None) | Q(incident__in=Incident.objects.visible_to(person))
    ).select_related("owner", "incident", "incident__severity")


def visible_action_item(person: User, pk: int) -> ActionItem:
    """The item with this number; Http404 alike for none and for what `person` may not see."""
    item = action_items_visible_to(person).filter(pk=pk).first()
    if item is None:
        raise Http404(str(pk))
    return item


def action_items_of(incident: Incident) -> ActionItemQuerySet:
    """What was promised after `incident`; the caller has seen to it that the reader may see the incident."""
    return ActionItem.objects.filter(incident=incident).select_related("owner", "incident")
