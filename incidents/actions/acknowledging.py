"""Somebody says: I am on it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Refused
from core.look import status_words
from incidents import escalation, timeline
from incidents.models import Incident, Kind, Page, TimelineEvent


@transaction.atomic
def acknowledge(incident: Incident, *, actor: User | None, at: datetime, actor_name: str = "") -> Incident:
    """Stop the paging: somebody is on it. Their own pages are marked answered.

    Twenty people at once make one line of the story. Who did it already, and machines, get peace; the others are told
    who was first. Where people are paged again for what was acknowledged before (escalated by hand, or asked for by
    name), this answers them.
    """
    fresh = Incident.objects.lock(incident.pk)
    if fresh.is_over or (escalation.is_answered(fresh) and not _is_asked_for(fresh, actor)):
        return _too_late(fresh, actor)
    if fresh.acknowledged_at is None:
        fresh.acknowledged_at = at
        fresh.save(update_fields=["acknowledged_at"])
    answer_pages(fresh, actor=actor, at=at)
    timeline.record(fresh, Kind.ACKNOWLEDGED, at=at, actor=actor, actor_name=actor_name)
    escalation.stop(fresh, at=at)
    return fresh


def answer_pages(incident: Incident, *, actor: User | None, at: datetime) -> None:
    """Mark the open pages of `actor` in this incident as answered."""
    if actor is not None:
        Page.objects.filter(incident=incident, person=actor, acknowledged_at=None).update(acknowledged_at=at)


def _is_asked_for(fresh: Incident, actor: User | None) -> bool:
    """Whether somebody paged them by name, and they have not answered."""
    asked = Page.objects.filter(incident=fresh, person=actor, escalation=None, acknowledged_at=None)
    return actor is not None and asked.exists()


def _too_late(fresh: Incident, actor: User | None) -> Incident:
    first = TimelineEvent.objects.filter(incident=fresh, kind=Kind.ACKNOWLEDGED).select_related("actor").last()
    if actor is None or (first is not None and first.actor_id == actor.pk):
        return fresh
    if fresh.is_over:
        raise Refused(
            _("%(reference)s is %(status)s; there is nothing left to acknowledge.")
            % {"reference": fresh.reference, "status": status_words(fresh.status)},
            code="wrong_state",
        )
    who = (first.actor or first.actor_name) if first else ""
    raise Refused(
        _("%(who)s acknowledged %(reference)s before you; nobody is being paged for it now.")
        % {"who": who or _("Somebody"), "reference": fresh.reference},
        code="already",
    )
