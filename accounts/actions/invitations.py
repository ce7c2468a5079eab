"""Invitations: a link, shown once, that lets one new person in."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.actions.people import add_person
from accounts.models import Invitation, Membership, Team, User
from accounts.permissions import Role
from core import tokens
from core.errors import Refused
from core.names import require_visible

VALID_FOR = timedelta(days=7)


class Invited(NamedTuple):
    """A new invitation, the secret of its link, which nobody can read again, and the earlier one that ended by it.

    Its name is the earlier one's where none is given now."""

    invitation: Invitation
    secret: str
    replaces: Invitation | None


def invite(
    *,
    email: str,
    actor: User | None,
    at: datetime,
    name: str = "",
    role: str = Role.RESPONDER,
    team: Team | None = None,
) -> Invited:
    """A new invitation and the secret of its link, which nobody can read again. An earlier one to the same address
    ends."""
    if name:
        require_visible(name)
    address = email.strip().lower()
    with transaction.atomic():
        holder = User.objects.filter(email__iexact=address).first()
        if holder is not None:
            sentence = (
                _("%(person)s has an account with this address already.")
                if holder.is_active
                else _("%(person)s has a deactivated account with this address. Reactivate it instead.")
            )
            raise Refused(sentence % {"person": holder}, code="email_taken")
        open_now = Invitation.objects.filter(email=address, accepted_at=None, revoked_at=None)
        earlier = open_now.order_by("-created_at", "-pk").first()
        open_now.update(revoked_at=at)
        minted = tokens.mint("invitation")
        row = Invitation.objects.create(
            email=address,
            name=name or (earlier.name if earlier else ""),
            role=Role(role),
            team=team,
            digest=minted.digest,
            invited_by=actor,
            created_at=at,
            expires_at=at + VALID_FOR,
        )
        after = {"role": str(row.role), "team": team.name if team else None, "expires_at": row.expires_at.isoformat()}
        audit.record(actor, "invite", address, before={}, after=after, at=at)
    return Invited(row, minted.text, earlier if earlier is not None and at < earlier.expires_at else None)


def find_invitation(text: str, *, at: datetime) -> Invitation | None:
    """The invitation whose link holds `text`, if it still lets somebody in."""
    row = Invitation.objects.select_related("team", "invited_by").filter(digest=tokens.digest(text)).first()
    return row if row is not None and row.is_open(at) else None


def accept_invitation(text: str, *, name: str, password: str, time_zone: str, language: str, at: datetime) -> User:
    """The invited person has an account now, with the role and the team of the invitation."""
    with transaction.atomic():
        row = Invitation.objects.select_for_update(of=("self",)).filter(digest=tokens.digest(text)).first()
        if row is None or not row.is_open(at):
            sentence = _("This invitation was used, taken back, or is too old. Ask whoever invited you for a new one.")
            raise Refused(sentence, code="gone", status=404)
        person = add_person(
            email=row.email,
            name=name,
            role=row.role,
            time_zone=time_zone,
            language=language,
            password=password,
            actor=row.invited_by,
            at=at,
        )
        if row.team is not None:
            Membership.objects.create(team=row.team, person=person)
        row.accepted_at = at
        row.save(update_fields=["accepted_at"])
        audit.record(person, "accept invitation", row.email, before={}, after={"role": str(row.role)}, at=at)
    return person


def revoke_invitation(invitation: Invitation, *, actor: User | None, at: datetime) -> Invitation:
    """The link lets nobody in from now on."""
    with transaction.atomic():
        fresh = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
        if fresh.accepted_at is not None:
            raise Refused(_("%(email)s has accepted already. Deactivate the account instead.") % {"email": fresh.email})
        if fresh.revoked_at is None:
            fresh.revoked_at = at
            fresh.save(update_fields=["revoked_at"])
            audit.record(actor, "revoke invitation", fresh.email, before={"open": True}, after={"open": False}, at=at)
    return fresh
