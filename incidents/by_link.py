"""What else the link of a page does with one tap: escalate, take command, hand over. The link is the proof, as for the
acknowledgement: whoever holds it acts as the person paged."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Refused
from incidents import acknowledging, actions, escalation, messages
from incidents.acknowledging import STATUS, Found, Standing
from incidents.models import Incident, Role, RoleAssignment
from oncall import queries as oncall

ALIVE = {Standing.OPEN, Standing.MINE, Standing.TAKEN}
MOST = 3


@dataclass(frozen=True)
class May:
    """The buttons beside the acknowledgement."""

    escalate: bool = False
    command: bool = False
    hand_to: list[User] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self.escalate or self.command or bool(self.hand_to)


def may(found: Found, *, at: datetime) -> May:
    """What the link's person may do besides. To hand over to: whom the plan calls at this moment, the nearest first."""
    if found.standing not in ALIVE or found.incident is None or found.page is None:
        return May()
    person, incident = found.page.person, found.incident
    if not person.can_respond:
        return May()
    command = _roles(incident, person).filter(role=Role.COMMANDER).exists()
    return May(escalate=True, command=not command, hand_to=_others(incident, person, at=at))


def do(token: str, what: str, *, at: datetime) -> tuple[Found, int, str]:
    """Do what a button says: what stands then, the HTTP status to answer with, and why it was refused."""
    found = acknowledging.find(token, at=at)
    if found.standing not in ALIVE or found.incident is None or found.page is None:
        return found, STATUS[found.standing], ""
    person = found.page.person
    try:
        with messages.speaking_to(person):
            _do(found.incident, person, what, at=at)
    except Refused as refused:
        return acknowledging.find(token, at=at), refused.status, refused.sentence
    return acknowledging.find(token, at=at), 200, ""


def _do(incident: Incident, person: User, what: str, *, at: datetime) -> None:
    if not person.can_respond:
        raise Refused(_("%(person)s cannot respond to incidents.") % {"person": person}, code="cannot_respond")
    verb, _colon, key = what.partition(":")
    if verb == "escalate":
        escalation.escalate_now(incident, actor=person, at=at)
    elif verb == "command":
        actions.take_role(incident, Role.COMMANDER, person=person, actor=person, at=at)
    elif verb == "hand":
        other = next((each for each in _others(incident, person, at=at) if str(each.pk) == key), None)
        if other is None:
            raise Refused(_("This person is not on call for it any more."), code="not_on_call")
        hand_over(incident, person, to=other, at=at)
    else:
        raise Refused(_("There is no such button."), code="unknown", status=400)


@transaction.atomic
def hand_over(incident: Incident, person: User, *, to: User, at: datetime) -> None:
    """`to` is paged with the reason, and holds from now on what `person` held."""
    actions.page_somebody(incident, to, words=_("%(person)s hands over") % {"person": person}, actor=person, at=at)
    for held in _roles(incident, person).exclude(role=Role.EXPERT):
        actions.take_role(incident, held.role, person=to, actor=person, at=at)


def _roles(incident: Incident, person: User) -> models.QuerySet[RoleAssignment]:
    return RoleAssignment.objects.filter(incident=incident, person=person, left_at=None)


def _others(incident: Incident, person: User, *, at: datetime) -> list[User]:
    plan = escalation.plan_for(incident)
    targets = [target for step in plan.get("steps") or [] for target in step["targets"]]
    called = [*oncall.called_by(targets, at=at), *oncall.called_last(plan, plan.get("fallback"))]
    people = {each.person.pk: each.person for each in called if each.person.can_respond}
    people.pop(person.pk, None)
    return list(people.values())[:MOST]
