"""A signed webhook: JSON to an address of the person's own. docs/paging.md says how a receiver checks it."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from core import outbound
from notifications import retry, signing
from notifications.channels.outcome import GiveUp, Outgoing, Receipt, TryAgain
from notifications.words import one_line

SECONDS = 5.0


def clean(address: str) -> str:
    """The address as it is kept; `Refused` with a sentence if nothing may be sent there."""
    tidy = address.strip()
    outbound.judge_url(tidy)
    return tidy


def lane(address: str) -> str:
    """Receivers at one host share one fate."""
    try:
        return f"webhook {urlsplit(address).netloc.lower()}"
    except ValueError:
        return "webhook"


def mask(address: str) -> str:
    """The address as others see it: the host alone, since the path is often a secret."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "…"
    return f"{parts.scheme}://{parts.hostname or ''}/…"


def send(message: Outgoing) -> Receipt:
    """POST it once, signed. 2xx is sent; 408, 425, 429, 5xx and silence may work later; the rest will not."""
    body = json.dumps(document(message), ensure_ascii=False, separators=(",", ":")).encode()
    unix = int(message.tried_at.timestamp())
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": message.idempotency_key,
        "Muster-Delivery": str(message.id),
        signing.HEADER: signing.signature(
            body, unix=unix, secrets=signing.secrets(message.owner or message.address, message.versions)
        ),
    }
    try:
        answer = outbound.request("POST", message.address, body=body, headers=headers, seconds=SECONDS)
    except outbound.Forbidden as error:
        raise GiveUp(error.sentence) from error
    except outbound.Unreachable as error:
        raise TryAgain(str(error), may_have_arrived=error.may_have_arrived, of_lane=True) from error
    if 200 <= answer.status < 300:
        return Receipt(provider_id=one_line(answer.headers.get("x-request-id", ""), longest=200))
    sentence = _("The receiver answered %(status)s.") % {"status": answer.status}
    if answer.status in {408, 425, 429} or answer.status >= 500:
        raise TryAgain(
            sentence, after=retry.asked_for(answer.headers.get("retry-after", ""), at=message.tried_at), of_lane=True
        )
    if 300 <= answer.status < 400:
        sentence = _("The receiver answered %(status)s; redirects are not followed.") % {"status": answer.status}
    raise GiveUp(sentence)


def document(message: Outgoing) -> dict[str, Any]:
    """The JSON that goes out: who and what it is, then what the room that left it has to say."""
    return {
        **message.payload,
        "id": message.id,
        "idempotency_key": message.idempotency_key,
        "kind": message.kind,
        "subject": message.subject,
        "text": message.text,
        "attempt": message.number,
        "possibly_repeated": message.possibly_repeated,
    }
