"""Who does what in the response."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Refused
from incidents import messages, timeline
from incidents.models import Incident, Kind, Role, RoleAssignment
from notifications import actions as outbox
from notifications.models import MessageKind

NO_RULES = "notice"  # an urgency that nobody has rules for: every verified method, at once


@transaction.atomic
def take_role(
    incident: Incident, role: str, *, person: User, actor: User | None, at: datetime, actor_name: str = ""
) -> RoleAssignment:
    """`person` holds `role` from now on; whoever held it before is relieved (there may be many experts)."""
    fresh = Incident.objects.lock(incident.pk)
    label = _label(role)
    if not person.can_respond:
        raise Refused(_("%(person)s cannot respond to incidents.") % {"person": person}, code="cannot_respond")
    if not Incident.objects.visible_to(person).filter(pk=fresh.pk).exists():
        raise Refused(
            _("%(reference)s is private: admit %(person)s first, then give them a role.")
            % {"reference": fresh.reference, "person": person},
            code="not_admitted",
        )
    held = RoleAssignment.objects.filter(incident=fresh, role=role, left_at=None).select_related("person")
    mine = held.filter(person=person).first()
    if mine is not None:
        return mine
    before = None if role == Role.EXPERT else held.first()
    if before is not None:
        before.left_at = at
        before.save(update_fields=["left_at"])
        outbox.withdraw(_topic(before), at=at)
    assignment = RoleAssignment.objects.create(incident=fresh, role=role, person=person, taken_at=at)
    if role == Role.COMMANDER and fresh.commander_named_at is None:
        fresh.commander_named_at = at
        fresh.save(update_fields=["commander_named_at"])
    data = {
        "role": str(role),
        "label": label,
        "person": person.pk,
        "name": str(person),
        "before": str(before.person) if before else "",
    }
    timeline.record(fresh, Kind.ROLE_TAKEN, at=at, actor=actor, actor_name=actor_name, data=data)
    if actor is None or actor.pk != person.pk:
        _tell(fresh, assignment, giver=str(actor or actor_name or "Muster"), at=at)
    return assignment


@transaction.atomic
def leave_role(
    incident: Incident, role: str, *, person: User, actor: User | None, at: datetime, actor_name: str = ""
) -> RoleAssignment:
    """`person` holds `role` no longer. Nobody does, until somebody takes it."""
    fresh = Incident.objects.lock(incident.pk)
    label = _label(role)
    mine = RoleAssignment.objects.filter(incident=fresh, role=role, person=person, left_at=None).first()
    if mine is None:
        raise Refused(
            _("%(person)s does not hold the role “%(role)s” in %(reference)s.")
            % {"person": person, "role": label, "reference": fresh.reference},
            code="not_held",
        )
    mine.left_at = at
    mine.save(update_fields=["left_at"])
    outbox.withdraw(_topic(mine), at=at)
    data = {"role": str(role), "label": label, "person": person.pk, "name": str(person)}
    timeline.record(fresh, Kind.ROLE_LEFT, at=at, actor=actor, actor_name=actor_name, data=data)
    return mine


def _tell(incident: Incident, assignment: RoleAssignment, *, giver: str, at: datetime) -> None:
    """A notice to who was given a role, by their verified methods at once: they may look, since they were let in."""
    person = assignment.person
    with messages.speaking_to(person):
        label = str(Role(assignment.role).label)
        outbox.notify(
            person,
            topic=_topic(assignment),
            kind=MessageKind.NOTICE,
            urgency=NO_RULES,
            subject=messages.role_subject(incident, label),
            text=messages.role_text(incident, person, label, giver),
            payload={
                "incident": incident.reference,
                "role": assignment.role,
                "given_by": giver,
                "incident_url": messages.room_url(incident),
            },
            key=_topic(assignment),
            at=at,
        )


def _topic(assignment: RoleAssignment) -> str:
    return f"role/{assignment.pk}"


def _label(role: str) -> str:
    if role not in Role.values:
        known = ", ".join(Role.values)
        raise Refused(
            _("There is no role “%(role)s”. There are: %(known)s.") % {"role": role, "known": known}, status=400
        )
    return str(Role(role).label)
