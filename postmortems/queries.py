"""Questions about lessons and promises. What hangs on an incident is seen by those who may see the incident."""

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Verb
from core.errors import NotAllowed
from incidents.models import Incident
from incidents.queries import number_of
from postmortems.models import SECTIONS, ActionItem, ActionItemQuerySet, Postmortem


def postmortems_visible_to(person: User) -> "QuerySet[Postmortem]":
    """The postmortems of incidents that `person` may see, newest first."""
    return Postmortem.objects.filter(incident__in=Incident.objects.visible_to(person)).select_related(
        "incident", "incident__severity", "incident__service", "author"
    )


def visible_postmortem(person: User, reference: str) -> Postmortem:
    """The postmortem of the incident with this reference; Http404 alike for none and for what `person` may not see."""
    number = number_of(reference)
    postmortem = postmortems_visible_to(person).filter(incident__number=number).first() if number else None
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


def may_change(person: User, item: ActionItem) -> bool:
    """Owners and makers change their items; managers everybody's."""
    if not person.may(Verb.RESPOND):
        return False
    return person.pk in {item.owner_id, item.created_by_id} or person.may(Verb.MANAGE)


def require_change(person: User, item: ActionItem) -> None:
    """Refuse who may not change the item, with a sentence that says who may."""
    if not may_change(person, item):
        raise NotAllowed(_("This is %(owner)s’s: they can change it, or a manager can.") % {"owner": item.owner})


def search(postmortems: "QuerySet[Postmortem]", text: str) -> "QuerySet[Postmortem]":
    """Of `postmortems`, those that speak of `text`: in the incident's title, any section, or a factor."""
    wanted = Q(incident__title__icontains=text) | Q(factors__text__icontains=text)
    for name in SECTIONS:
        wanted |= Q(**{f"{name}__icontains": text})
    number = number_of(text.strip())
    if number is not None:
        wanted |= Q(incident__number=number)
    return postmortems.filter(wanted).distinct()


def missing_for(person: User, *, most: int = 20) -> "QuerySet[Incident]":
    """Resolved incidents without a postmortem that somebody may want to write one for, newest first."""
    ended = Incident.objects.visible_to(person).filter(status__in=["resolved", "closed"], drill=False, postmortem=None)
    return ended.select_related("severity").order_by("-resolved_at")[:most]
