"""How django-allauth lets people in: nobody signs up by themselves; an invitation or the company's sign-on does it."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts import audit, entrance_words
from core import origin
from core.letters import has_visible


class AccountAdapter(DefaultAccountAdapter):
    """Password accounts come from invitations only."""

    error_messages = {**DefaultAccountAdapter.error_messages, **entrance_words.SENTENCES}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        found = origin.address_of(request)
        if found is None:
            raise PermissionDenied
        return found

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failed attempts count per account *and* address: a stranger who guesses at the password of the person on call
        slows down the stranger, and never locks the person on call out. Per address alone there is a limit besides."""
        login = str(credentials.get("email") or credentials.get("username") or "")
        return f"{self.get_client_ip(request)}|{login.strip().casefold()}"


class SecondStepAdapter(DefaultMFAAdapter):
    """The second step speaks as the first does."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": entrance_words.SENTENCES["incorrect_code"],
    }


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """The identity provider an administrator configured may bring people in; they start as responders."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        user = super().populate_user(request, sociallogin, data)
        full = " ".join(filter(None, [data.get("first_name"), data.get("last_name")]))
        said = [str(data.get("name") or "")[:120], full[:120]]
        user.name = next((name for name in said if has_visible(name)), user.email[:120])
        return user

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        with transaction.atomic():
            user = super().save_user(request, sociallogin, form)
            after = {"role": str(user.role), "provider": sociallogin.account.provider}
            audit.record(None, "add person by single sign-on", user.email, before={}, after=after, at=timezone.now())
        return user
