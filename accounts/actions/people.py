"""People: added, changed, given a role, deactivated."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import audit, zones
from accounts.models import ApiToken, User
from accounts.permissions import Role
from accounts.sessions import end_sessions
from core.errors import Refused
from core.names import require_visible

OWN_FIELDS = ("name", "email", "time_zone", "language", "theme")


def add_person(
    *,
    email: str,
    name: str,
    actor: User | None,
    at: datetime,
    role: str = Role.RESPONDER,
    time_zone: str = "UTC",
    language: str = "",
    password: str | None = None,
) -> User:
    """A new person. Without a password they sign in by single sign-on, or by the link of a password reset."""
    require_visible(name)
    _require_zone(time_zone)
    with transaction.atomic():
        _require_free(email, but=None)
        person = User.objects.create_user(
            email, password, name=name, role=Role(role), time_zone=time_zone, language=language
        )
        audit.record(actor, "add person", person.email, before={}, after=_values(person), at=at)
    return person


def change_person(person: User, *, actor: User | None, at: datetime, **changes: Any) -> User:
    """Change any of name, email, time_zone, language, theme."""
    with transaction.atomic():
        fresh = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        before = _values(fresh)
        given = {field: changes[field] for field in OWN_FIELDS if field in changes}
        if "name" in given:
            require_visible(given["name"])
        if "time_zone" in given:
            _require_zone(given["time_zone"])
        if "email" in given:
            given["email"] = given["email"].strip().lower()
            _require_free(given["email"], but=fresh)
        for field, value in given.items():
            setattr(fresh, field, value)
        fresh.save(update_fields=[*given])
        if fresh.email != before["email"]:
            EmailAddress.objects.filter(user=fresh).delete()  # sign-in by the old address ends
        if _values(fresh) != before:
            audit.record(actor, "change person", fresh.email, before=before, after=_values(fresh), at=at)
    return fresh


def change_role(person: User, role: str, *, actor: User | None, at: datetime) -> User:
    """Give the person another role. The last administrator keeps theirs."""
    with transaction.atomic():
        fresh, administrators = _lock_with_administrators(person)
        if fresh.role == role:
            return fresh
        _require_another_administrator(fresh, administrators)
        before, fresh.role = fresh.role, Role(role)
        fresh.save(update_fields=["role"])
        audit.record(actor, "change role", fresh.email, before={"role": before}, after={"role": fresh.role}, at=at)
    return fresh


def deactivate(person: User, *, actor: User | None, at: datetime) -> User:
    """The person can no longer sign in, and is paged no more: every session ends and every token is revoked.
    What they did stays told."""
    with transaction.atomic():
        fresh, administrators = _lock_with_administrators(person)
        if not fresh.is_active:
            return fresh
        _require_another_administrator(fresh, administrators)
        fresh.is_active = False
        fresh.save(update_fields=["is_active"])
        sessions = end_sessions(fresh)
        revoked = ApiToken.objects.filter(person=fresh, revoked_at=None).update(revoked_at=at)
        audit.record(
            actor,
            "deactivate person",
            fresh.email,
            before={"active": True},
            after={"active": False, "sessions_ended": sessions, "tokens_revoked": revoked},
            at=at,
        )
    return fresh


def reactivate(person: User, *, actor: User | None, at: datetime) -> User:
    """The person may sign in again. Tokens stay revoked."""
    with transaction.atomic():
        fresh = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if fresh.is_active:
            return fresh
        fresh.is_active = True
        fresh.save(update_fields=["is_active"])
        audit.record(actor, "reactivate person", fresh.email, before={"active": False}, after={"active": True}, at=at)
    return fresh


def reset_second_factor(person: User, *, actor: User | None, at: datetime) -> User:
    """For somebody who lost their phone: authenticator app, passkeys and recovery codes are forgotten, and every
    session ends."""
    with transaction.atomic():
        kinds = sorted(Authenticator.objects.filter(user=person).values_list("type", flat=True))
        if not kinds:
            raise Refused(_("%(person)s has no second factor.") % {"person": person})
        Authenticator.objects.filter(user=person).delete()
        end_sessions(person)
        audit.record(
            actor, "reset second factor", person.email, before={"factors": kinds}, after={"factors": []}, at=at
        )
    return person


def _lock_with_administrators(person: User) -> tuple[User, list[User]]:
    """The fresh row and every active administrator, locked in one order: two administrators who demote each other at
    the same moment do so one after the other."""
    wanted = Q(pk=person.pk) | Q(role=Role.ADMINISTRATOR, is_active=True)
    rows = {row.pk: row for row in User.objects.filter(wanted).order_by("pk").select_for_update(no_key=True)}
    return rows[person.pk], [row for row in rows.values() if row.is_administrator]


def _require_another_administrator(person: User, administrators: list[User]) -> None:
    if administrators == [person]:
        raise Refused(
            _("%(person)s is the last administrator. Make somebody else an administrator first.") % {"person": person},
            code="last_administrator",
        )


def _require_free(email: str, *, but: User | None) -> None:
    holders = User.objects.filter(email__iexact=email.strip())
    if (holders.exclude(pk=but.pk) if but else holders).exists():
        sentence = _("There is an account with the address %(email)s already.")
        raise Refused(sentence % {"email": email}, code="email_taken")


def _require_zone(name: str) -> None:
    if not zones.is_known(name):
        raise Refused(_("There is no time zone called “%(name)s”.") % {"name": name[:80]}, status=400)


def _values(person: User) -> dict[str, Any]:
    return {
        "name": person.name,
        "email": person.email,
        "role": str(person.role),
        "time_zone": person.time_zone,
        "language": person.language,
        "theme": person.theme,
    }
