"""Questions about people, teams and the audit log."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from accounts import audit_words
from accounts.models import AuditEntry, Invitation, Membership, Team, User


def people(*, text: str = "", role: str = "", active: bool = True) -> QuerySet[User]:
    """People by name, with their teams at hand."""
    found = User.objects.filter(is_active=active).prefetch_related(
        Prefetch("memberships", Membership.objects.select_related("team").order_by("team__name"))
    )
    for word in text.split()[:8]:
        found = found.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return found.filter(role=role) if role else found


def teams() -> QuerySet[Team]:
    """Teams by name, with the people in them at hand."""
    return Team.objects.prefetch_related(Prefetch("memberships", Membership.objects.select_related("person")))


def open_invitations(*, at: datetime) -> QuerySet[Invitation]:
    """Invitations whose link still lets somebody in, the newest first."""
    return Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=at).select_related(
        "invited_by", "team"
    )


def audit_entries(
    *, text: str = "", actor: User | None = None, since: datetime | None = None, until: datetime | None = None
) -> QuerySet[AuditEntry]:
    """Lines of the audit log, the newest first; `until` is not included."""
    found = AuditEntry.objects.select_related("actor")
    for word in text.split()[:8]:
        found = found.filter(Q(verb__icontains=word) | Q(subject__icontains=word) | Q(actor_name__icontains=word))
    if actor is not None:
        found = found.filter(actor=actor)
    if since is not None:
        found = found.filter(recorded_at__gte=since)
    return found.filter(recorded_at__lt=until) if until is not None else found


class Changed(NamedTuple):
    """One value that a line of the audit log changed; an empty text for nothing."""

    name: str
    before: str
    after: str


def changes(entry: AuditEntry) -> list[Changed]:
    """What the line changed, as words."""
    names = sorted(entry.before.keys() | entry.after.keys())
    found = [
        Changed(
            audit_words.field(name),
            audit_words.value(name, _words(entry.before.get(name))),
            audit_words.value(name, _words(entry.after.get(name))),
        )
        for name in names
    ]
    return [change for change in found if change.before or change.after]


def _words(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return ", ".join(f"{audit_words.field(key)}: {_words(held)}" for key, held in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(_words(item) for item in value)
    return str(value)
