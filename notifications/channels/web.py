"""What channels over HTTP have in common: one request, its failures, the acknowledge link, text cut to size."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from core import outbound
from core.errors import Refused
from notifications import retry
from notifications.channels.outcome import GiveUp, Outgoing, TryAgain
from notifications.words import one_line

SECONDS = 5.0
LATER = frozenset({408, 425, 429})


def post(
    message: Outgoing, url: str, body: bytes, *, headers: Mapping[str, str], seconds: float = SECONDS
) -> outbound.Answer:
    """Ask once. A forbidden address is given up; silence may work later, and may have arrived."""
    try:
        return outbound.request("POST", url, body=body, headers=headers, seconds=seconds)
    except outbound.Forbidden as error:
        raise GiveUp(error.sentence) from error
    except outbound.Unreachable as error:
        raise TryAgain(str(error), may_have_arrived=error.may_have_arrived, of_lane=True) from error


def post_json(
    message: Outgoing, url: str, document: object, *, headers: Mapping[str, str] | None = None
) -> outbound.Answer:
    """As `post`, with a JSON body."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return post(message, url, body, headers={"Content-Type": "application/json; charset=utf-8", **(headers or {})})


def refused(
    message: Outgoing,
    who: str,
    answer: outbound.Answer,
    *,
    code: object = "",
    words: str = "",
    after: float | None = None,
) -> TryAgain | GiveUp:
    """The failure that an answer other than 2xx means: 408, 425, 429 and 5xx may work later; the rest never will."""
    told = {"who": who, "code": code or answer.status, "words": one_line(words, longest=200) or "–"}
    sentence = _("%(who)s answered %(code)s: %(words)s") % told
    if answer.status in LATER or answer.status >= 500:
        wait = (
            after if after is not None else retry.asked_for(answer.headers.get("retry-after", ""), at=message.tried_at)
        )
        return TryAgain(sentence, after=wait, of_lane=True)
    return GiveUp(sentence)


def own_trouble(who: str, words: str) -> TryAgain:
    """The provider refuses Muster itself: its token is wrong or ended, and the reader's address is not at fault."""
    return TryAgain(_("%(who)s refused Muster’s own sign-in: %(words)s") % {"who": who, "words": words}, of_lane=True)


def text_of(answer: outbound.Answer) -> str:
    """The body as text, whatever it is."""
    return answer.body.decode("utf-8", "replace")


def json_of(answer: outbound.Answer) -> dict[str, Any]:
    """The body as a JSON object; empty where it is none."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def clean_url(address: str) -> str:
    """A web address as it is kept; `Refused` where nothing may be sent there."""
    tidy = address.strip()
    outbound.judge_url(tidy)
    return tidy


def require(condition: object, sentence: str) -> None:
    """`Refused` with the sentence, for the address field, unless the condition holds."""
    if not condition:
        raise Refused(sentence, code="invalid", status=400)


def host_lane(channel: str, address: str) -> str:
    """Receivers at one host share one fate."""
    try:
        return f"{channel} {urlsplit(address).netloc.lower()}"
    except ValueError:
        return channel


def mask_url(address: str) -> str:
    """The host alone: the path is the secret."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "…"
    return f"{parts.scheme}://{parts.hostname or ''}/…"


def mask_id(address: str) -> str:
    """The last two letters of a number or a name."""
    return f"…{address[-2:]}" if len(address) > 4 else "…"


def acknowledge_url(message: Outgoing) -> str:
    """The link that acknowledges; empty where the message has none."""
    found = message.payload.get("acknowledge_url", "")
    return found if isinstance(found, str) else ""


def room_url(message: Outgoing) -> str:
    """Where the incident, or the list, is looked at; empty where the message has none."""
    found = message.payload.get("incident_url", "")
    return found if isinstance(found, str) else ""


def words(message: Outgoing) -> dict[str, str]:
    """The words of buttons, in the reader's language."""
    with translation.override(message.language or settings.LANGUAGE_CODE):
        return {
            "acknowledge": _("Acknowledge"),
            "open": _("Open the war room"),
            "repeat": _("An earlier try at this message may have reached you already."),
            "keypad": _("Press 1 to acknowledge."),
            "code": _("Your code for Muster is %(code)s.") % {"code": ", ".join(str(message.payload.get("code", "")))},
        }


def text(message: Outgoing, *, longest: int) -> str:
    """The message's text with the note of a possible repeat, cut to `longest` letters."""
    whole = message.text + (f"\n\n{words(message)['repeat']}" if message.possibly_repeated else "")
    return cut(whole, longest)


def cut(whole: str, longest: int) -> str:
    return whole if len(whole) <= longest else whole[: longest - 1].rstrip() + "…"


def is_reachable_from_outside() -> bool:
    """Whether a provider could call Muster back: not where its own address is the loopback."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    return host not in {"localhost", "::1"} and not host.startswith("127.")


def missing(*names: str) -> list[str]:
    """Those of the settings (TWILIO_TOKEN) that are empty, as the environment names them."""
    return [f"MUSTER_{name}" for name in names if not getattr(settings, name)]


def require_set_up(lacking: list[str]) -> None:
    """Give up with a sentence where a channel's settings were taken away after its addresses were kept."""
    if lacking:
        raise GiveUp(_("This channel is not set up: %(settings)s is empty.") % {"settings": ", ".join(lacking)})
