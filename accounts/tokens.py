"""API tokens: minted, found, revoked."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import ApiToken, User
from core import tokens
from core.errors import Refused
from core.names import require_visible


def create_token(
    person: User,
    *,
    name: str,
    at: datetime,
    scope: str = "full",
    expires_at: datetime | None = None,
    actor: User | None = None,
) -> tuple[ApiToken, str]:
    """A new token of `person` and its text, which nobody can read again. Without `actor` it was made on the machine
    itself (bin/manage)."""
    if not person.is_active:
        raise Refused(_("%(person)s has no active account, so there can be no token for it.") % {"person": person})
    if expires_at is not None and expires_at <= at:
        raise Refused(_("A token must expire in the future."), status=400)
    require_visible(name)
    minted = tokens.mint("muster")
    with transaction.atomic():
        row = ApiToken.objects.create(
            person=person,
            name=name,
            scope=scope,
            prefix=minted.prefix,
            digest=minted.digest,
            created_at=at,
            expires_at=expires_at,
        )
        after = {"person": person.email, "scope": scope, "expires_at": expires_at.isoformat() if expires_at else None}
        audit.record(actor, "create API token", str(row), before={}, after=after, at=at)
    return row, minted.text


def find_token(text: str, *, at: datetime) -> ApiToken | None:
    """The valid token with this text, its use noted (to the minute); None if there is none."""
    token = (
        ApiToken.objects.select_related("person")
        .filter(digest=tokens.digest(text), revoked_at=None, person__is_active=True)
        .first()
    )
    if token is None or (token.expires_at is not None and token.expires_at <= at):
        return None
    if token.last_used_at is None or at - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
    return token


def revoke_token(token: ApiToken, *, actor: User | None, at: datetime) -> ApiToken:
    """The token opens nothing from now on."""
    with transaction.atomic():
        fresh = ApiToken.objects.select_for_update(of=("self",)).select_related("person").get(pk=token.pk)
        if fresh.revoked_at is None:
            fresh.revoked_at = at
            fresh.save(update_fields=["revoked_at"])
            owner = {"person": fresh.person.email}
            audit.record(actor, "revoke API token", str(fresh), before={**owner, "open": True}, after=owner, at=at)
    return fresh
