"""API tokens: minted, found, revoked."""

from datetime import datetime, timedelta

from accounts.models import ApiToken, User
from core import tokens
from core.errors import Refused


def create_token(
    person: User, *, name: str, at: datetime, scope: str = "full", expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token of `person` and its text, which nobody can read again."""
    if not person.is_active:
        raise Refused(f"{person} has no active account, so there can be no token for it.")
    if expires_at is not None and expires_at <= at:
        raise Refused("A token must expire in the future.")
    minted = tokens.mint("muster")
    row = ApiToken.objects.create(
        person=person,
        name=name,
        scope=scope,
        prefix=minted.prefix,
        digest=minted.digest,
        created_at=at,
        expires_at=expires_at,
    )
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


def revoke_token(token: ApiToken, *, at: datetime) -> ApiToken:
    """The token opens nothing from now on."""
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
    return token
