"""Letting somebody in: the invitation, and the mail that carries its link."""

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import actions
from accounts.models import Invitation, Team, User
from accounts.permissions import Role
from notifications.actions.outbox import send_to, withdraw
from notifications.channels.email import is_set_up
from notifications.models import ChannelName, Message, MessageKind


class Invited(NamedTuple):
    """The invitation, its link (shown once), the earlier one that ended, and its mail: None without a mail server."""

    invitation: Invitation
    link: str
    replaces: Invitation | None
    mail: Message | None


@transaction.atomic
def invite(
    *,
    email: str,
    actor: User | None,
    at: datetime,
    name: str = "",
    role: str = Role.RESPONDER,
    team: Team | None = None,
) -> Invited:
    """Invite whoever reads at `email`, and leave the mail with the link where a mail server is set up."""
    row, secret, replaces = actions.invite(email=email, actor=actor, at=at, name=name, role=role, team=team)
    link = f"{settings.PUBLIC_URL}{reverse('join', args=[secret])}"
    if replaces is not None:
        withdraw(topic(replaces), at=at)
    return Invited(row, link, replaces, _mail(row, link, at=at))


def topic(invitation: Invitation) -> str:
    """What the mail of an invitation is filed under."""
    return f"invitation/{invitation.pk}"


def _mail(row: Invitation, link: str, *, at: datetime) -> Message | None:
    if not is_set_up():
        return None
    words = {"who": str(row.invited_by or "Muster"), "name": row.name, "address": settings.PUBLIC_URL}
    text = [
        _("Hello %(name)s,") % words if row.name else _("Hello,"),
        _("%(who)s invites you to Muster at %(address)s, where alerts become pages and incidents are worked on.")
        % words,
        _("Choose a password here and you are in:") + "\n" + link,
        _("The link lets one person in and ends in seven days. Who did not expect it need not do anything."),
    ]
    return send_to(
        ChannelName.EMAIL, row.email, topic=topic(row), kind=MessageKind.NOTICE,
        subject=_("%(who)s invites you to Muster") % words, text="\n\n".join(text),
        payload={"kind": "invitation", "url": link}, key=topic(row), at=at,
    )  # fmt: skip
