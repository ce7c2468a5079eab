"""What SMS and voice share: a Twilio-compatible API.

https://www.twilio.com/docs/messaging/api/message-resource · https://www.twilio.com/docs/voice/api/call-resource
https://www.twilio.com/docs/usage/security#validating-requests · https://www.twilio.com/docs/api/errors
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _

from core import outbound
from notifications.channels import web
from notifications.channels.outcome import GiveUp, Outgoing, Receipt

WHO = "Twilio"
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
# Codes that no other try changes: not a number, not reachable, not allowed there, asked not to be written to.
NEVER = {13223, 13224, 13225, 13226, 13227, 21211, 21214, 21215, 21216, 21217, 21408, 21421, 21601, 21610, 21612, 21614}
DELIVERED = {"delivered", "read", "completed"}
FAILED = {"undelivered", "failed", "busy", "no-answer", "canceled"}


def clean(address: str) -> str:
    """A phone number in international form; spaces, dots, dashes and brackets are taken out."""
    tidy = re.sub(r"[\s().\-/\u2010-\u2013]", "", address.strip())
    tidy = "+" + tidy[2:] if tidy.startswith("00") else tidy
    sentence = _("A phone number begins with + and the country: +49 151 23456789.")
    web.require(tidy.isascii() and NUMBER.fullmatch(tidy), sentence)
    return tidy


def mask(address: str) -> str:
    """The country's beginning and the last two digits: +49…89."""
    return f"{address[:3]}…{address[-2:]}"


def post(message: Outgoing, resource: str, fields: dict[str, str | list[str]]) -> Receipt:
    """Make one message or call. The receipt carries its sid, by which the provider reports later."""
    url = f"{settings.TWILIO_URL}/2010-04-01/Accounts/{settings.TWILIO_ACCOUNT}/{resource}.json"
    proof = base64.b64encode(f"{settings.TWILIO_ACCOUNT}:{settings.TWILIO_TOKEN}".encode()).decode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {proof}"}
    answer = web.post(message, url, urlencode(fields, doseq=True).encode(), headers=headers)
    found = web.json_of(answer)
    if 200 <= answer.status < 300:
        return Receipt(provider_id=str(found.get("sid", ""))[:200])
    raise _failure(message, answer, code=found.get("code"), words=str(found.get("message", "")))


def _failure(message: Outgoing, answer: outbound.Answer, *, code: object, words: str) -> Exception:
    if answer.status in {401, 403} and code not in NEVER:
        return web.own_trouble(WHO, f"{code or answer.status}")
    found = web.refused(message, WHO, answer, code=code, words=words)
    return GiveUp(str(found)) if code in NEVER else found


def callback_url(message: Outgoing) -> str:
    """Where the provider reports what became of a message; empty where it could not call."""
    return f"{settings.PUBLIC_URL}/hooks/twilio/{message.id}/" if web.is_reachable_from_outside() else ""


def signature(url: str, fields: Mapping[str, Iterable[str]]) -> str:
    """X-Twilio-Signature of a request to `url` with these form fields."""
    parts = [f"{name}{value}" for name in sorted(fields) for value in sorted(set(fields[name]))]
    digest = hmac.new(settings.TWILIO_TOKEN.encode(), (url + "".join(parts)).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def is_genuine(url: str, fields: Mapping[str, Iterable[str]], given: str) -> bool:
    """Whether the provider, and nobody else, sent these fields to `url`."""
    if not settings.TWILIO_TOKEN:
        return False
    return hmac.compare_digest(signature(url, fields).encode(), given.encode("utf-8", "replace"))


def sender(name: str) -> dict[str, str | list[str]]:
    """Who it comes from: a number, or a messaging service by its sid."""
    value = str(getattr(settings, name))
    return {"MessagingServiceSid": value} if value.startswith("MG") else {"From": value}
