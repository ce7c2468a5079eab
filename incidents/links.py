"""The link that acknowledges one page: signed, for that page alone, for a day. Needs no sign-in."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from incidents.models import Page

LIVES = timedelta(hours=24)
_SIGNER = "incidents.acknowledge"


class Link(NamedTuple):
    """What a genuine link says."""

    page: int
    expires_at: datetime


def token_for(page: Page, *, at: datetime) -> str:
    """The text in the link's address."""
    return _signer().sign(f"{page.pk}-{int((at + LIVES).timestamp())}")


def acknowledge_url(page: Page, *, at: datetime) -> str:
    """The absolute address that goes out with a page."""
    return settings.PUBLIC_URL + reverse("pages:link", kwargs={"token": token_for(page, at=at)})


def read(token: str) -> Link | None:
    """What the token says; None if it was not made here for this purpose."""
    try:
        page, _dash, expires = _signer().unsign(token).partition("-")
        return Link(int(page), datetime.fromtimestamp(int(expires), UTC))
    except (BadSignature, ValueError, OverflowError, OSError):
        return None


def _signer() -> Signer:
    return Signer(salt=_SIGNER, sep=".")
