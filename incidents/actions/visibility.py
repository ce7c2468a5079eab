"""Who may know of an incident."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Refused
from incidents import paging, timeline
from incidents.models import Admission, Incident, Kind, Page, RoleAssignment


@transaction.atomic
def set_visibility(
    incident: Incident, *, private: bool, actor: User | None, at: datetime, actor_name: str = ""
) -> Incident:
    """Make it private or open again. Going private admits whoever does it, holds a role or was paged for it."""
    fresh = Incident.objects.lock(incident.pk)
    if fresh.private == private:
        return fresh
    fresh.private = private
    fresh.save(update_fields=["private"])
    if private:
        insiders = set(RoleAssignment.objects.filter(incident=fresh, left_at=None).values_list("person", flat=True))
        insiders |= set(Page.objects.filter(incident=fresh).values_list("person", flat=True))
        insiders |= {actor.pk} if actor else set()
        Admission.objects.bulk_create(
            [Admission(incident=fresh, person_id=pk, admitted_at=at) for pk in sorted(insiders)], ignore_conflicts=True
        )
    timeline.record(fresh, Kind.VISIBILITY, at=at, actor=actor, actor_name=actor_name, data={"private": private})
    return fresh


@transaction.atomic
def admit(incident: Incident, person: User, *, actor: User | None, at: datetime, actor_name: str = "") -> Admission:
    """`person` may see this private incident. Somebody who may already is left in peace."""
    fresh = Incident.objects.lock(incident.pk)
    if not person.is_active:
        raise Refused(_("%(person)s has no active account.") % {"person": person}, code="inactive")
    admission, is_new = Admission.objects.get_or_create(incident=fresh, person=person, defaults={"admitted_at": at})
    if is_new:
        data = {"person": person.pk, "name": str(person), "admitted": True}
        timeline.record(fresh, Kind.ADMITTED, at=at, actor=actor, actor_name=actor_name, data=data)
    return admission


@transaction.atomic
def dismiss(incident: Incident, person: User, *, actor: User | None, at: datetime, actor_name: str = "") -> Incident:
    """`person` may see this private incident no longer. Somebody always stays: the last one cannot leave."""
    fresh = Incident.objects.lock(incident.pk)
    admissions = Admission.objects.filter(incident=fresh)
    if not admissions.filter(person=person).exists():
        return fresh
    if RoleAssignment.objects.filter(incident=fresh, person=person, left_at=None).exists():
        raise Refused(_("%(person)s holds a role here; take it from them first.") % {"person": person}, code="has_role")
    if admissions.count() == 1:
        raise Refused(_("Somebody must stay admitted to a private incident."), code="last_one")
    admissions.filter(person=person).delete()
    paging.withdraw(fresh, at=at, person=person)  # what still waits for them would carry its title out
    data = {"person": person.pk, "name": str(person), "admitted": False}
    timeline.record(fresh, Kind.ADMITTED, at=at, actor=actor, actor_name=actor_name, data=data)
    return fresh
