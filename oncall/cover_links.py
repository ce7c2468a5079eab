"""The link that takes one shift: signed, for one person and one offer, until it expires. Needs no sign-in."""

from datetime import UTC, datetime
from typing import NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from oncall.models import Swap, SwapAsk

_SIGNER = "oncall.cover"


class Link(NamedTuple):
    """What a genuine link says."""

    ask: int
    expires_at: datetime


def token_for(ask: SwapAsk, swap: Swap) -> str:
    """The text in the link's address; it works as long as the offer."""
    return _signer().sign(f"{ask.pk}-{int(swap.expires_at.timestamp())}")


def take_url(ask: SwapAsk, swap: Swap) -> str:
    """The absolute address that goes out with an offer."""
    return str(settings.PUBLIC_URL) + reverse("take", kwargs={"token": token_for(ask, swap)})


def read(token: str) -> Link | None:
    """What the token says; None if it was not made here for this purpose."""
    try:
        ask, _dash, expires = _signer().unsign(token).partition("-")
        return Link(int(ask), datetime.fromtimestamp(int(expires), UTC))
    except (BadSignature, ValueError, OverflowError, OSError):
        return None


def _signer() -> Signer:
    return Signer(salt=_SIGNER, sep=".")
