"""Who a program is: its bearer token, and whether its role and scope carry the verb of the call."""

from typing import Any

from django.utils import timezone
from rest_framework import authentication, exceptions, permissions
from rest_framework.request import Request

from accounts import tokens
from accounts.models import ApiToken, User
from accounts.permissions import Verb


class BearerToken(authentication.BaseAuthentication):
    """`Authorization: Bearer <token>`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = authentication.get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        if len(words) != 2:
            raise exceptions.AuthenticationFailed("The header must be “Authorization: Bearer <token>”.")
        token = tokens.find_token(words[1].decode("ascii", "replace"), at=timezone.now())
        if token is None:
            raise exceptions.AuthenticationFailed("This token is unknown, expired or revoked.")
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Muster"'


class HasVerb(permissions.BasePermission):
    """A view names `read_verb` (LOOK by default) for safe methods and `write_verb` (RESPOND) for the others.

    A view with verbs of its own may have `verb_for(request)`.
    """

    message = "Your role does not allow this."

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.user, User):
            return False
        safe = request.method in permissions.SAFE_METHODS
        if not safe and isinstance(request.auth, ApiToken) and request.auth.scope == "read":
            self.message = "This token may only read."
            return False
        chosen = getattr(view, "verb_for", None)
        verb = (
            chosen(request)
            if chosen
            else getattr(view, "read_verb" if safe else "write_verb", Verb.LOOK if safe else Verb.RESPOND)
        )
        return request.user.may(verb)
