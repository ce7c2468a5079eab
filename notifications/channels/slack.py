"""Slack: an incoming webhook, or the bot, which also hears its button.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks · https://docs.slack.dev/reference/methods/chat.postMessage
https://docs.slack.dev/authentication/verifying-requests-from-slack · https://docs.slack.dev/apis/web-api/rate-limits
"""

import hashlib
import hmac
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from core import outbound
from notifications.channels import web
from notifications.channels.outcome import GiveUp, Outgoing, Receipt, TryAgain

WHO = "Slack"
BUTTON = "muster.acknowledge"
MEMBER = re.compile(r"[UW][A-Z0-9]{6,20}")
FRESH_SECONDS = 300
OURS = {
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "missing_scope",
    "no_permission",
}
LATER = {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}


def clean(address: str) -> str:
    """A person's member id (U…), or the address of an incoming webhook."""
    tidy = address.strip().lstrip("@")
    if tidy.lower().startswith(("http://", "https://")):
        return web.clean_url(tidy)
    web.require(
        MEMBER.fullmatch(tidy.upper()),
        _("Give your member id (U012ABCDEF: your Slack profile, ⋮, Copy member ID) or an incoming webhook’s address."),
    )
    lacking = web.missing("SLACK_BOT_TOKEN")
    web.require(
        not lacking,
        _("Ask your administrator to set MUSTER_SLACK_BOT_TOKEN, or give the address of an incoming webhook."),
    )
    return tidy.upper()


def is_webhook(address: str) -> bool:
    return address.startswith(("http://", "https://"))


def lane(address: str) -> str:
    return web.host_lane("slack", address if is_webhook(address) else settings.SLACK_URL)


def mask(address: str) -> str:
    return web.mask_url(address) if is_webhook(address) else web.mask_id(address)


def send(message: Outgoing) -> Receipt:
    """One message, by whichever of the two ways the address names."""
    return _by_webhook(message) if is_webhook(message.address) else _by_bot(message)


def _by_webhook(message: Outgoing) -> Receipt:
    answer = web.post_json(message, message.address, document(message, by_bot=False))
    if 200 <= answer.status < 300:
        return Receipt()
    raise web.refused(message, WHO, answer, words=web.text_of(answer))


def _by_bot(message: Outgoing) -> Receipt:
    web.require_set_up(web.missing("SLACK_BOT_TOKEN"))
    answer = web.post_json(
        message,
        f"{settings.SLACK_URL}/api/chat.postMessage",
        {**document(message, by_bot=True), "channel": message.address},
        headers={"Authorization": f"Bearer {settings.SLACK_BOT_TOKEN}"},
    )
    found = web.json_of(answer)
    if answer.status == 200 and found.get("ok") is True:
        return Receipt(provider_id=f"{found.get('channel', '')}/{found.get('ts', '')}"[:200])
    raise _failure(message, answer, str(found.get("error", "")))


def _failure(message: Outgoing, answer: outbound.Answer, error: str) -> TryAgain | GiveUp:
    """Slack answers 200 with ok false; its error words decide."""
    if error in OURS:
        return web.own_trouble(WHO, error)
    if answer.status != 200:
        return web.refused(message, WHO, answer, words=error or web.text_of(answer))
    sentence = _("%(who)s answered %(code)s: %(words)s") % {"who": WHO, "code": 200, "words": error or "–"}
    return TryAgain(sentence, of_lane=True) if error in LATER else GiveUp(sentence)


def escaped(text: str) -> str:
    """Slack's three signs, so that no alert mentions a channel or hides a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def document(message: Outgoing, *, by_bot: bool) -> dict[str, Any]:
    """Text for the notification and the screen reader, blocks for the eye, buttons for the thumb."""
    words = web.words(message)
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": web.cut(message.subject, 150), "emoji": False}}
    ]
    if body := web.cut(escaped(web.text(message, longest=2400)), 2990):
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": body, "verbatim": True}})
    buttons = []
    if acknowledge := web.acknowledge_url(message):
        first: dict[str, Any] = {"type": "button", "style": "primary", "text": _plain(words["acknowledge"])}
        if by_bot and settings.SLACK_SIGNING_SECRET and web.is_reachable_from_outside():
            first |= {"action_id": BUTTON, "value": urlsplit(acknowledge).path.rstrip("/").rsplit("/", 1)[-1]}
        else:
            first |= {"action_id": "muster.link", "url": acknowledge}
        buttons.append(first)
    if room := web.room_url(message):
        buttons.append({"type": "button", "action_id": "muster.room", "text": _plain(words["open"]), "url": room})
    if buttons:
        blocks.append({"type": "actions", "elements": buttons})
    return {"text": escaped(message.subject), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def is_genuine(body: bytes, *, stamp: str, given: str, at: datetime) -> bool:
    """Whether Slack, and nobody else, sent these bytes within the last five minutes."""
    if not settings.SLACK_SIGNING_SECRET or not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        return False
    if abs(at.timestamp() - int(stamp)) > FRESH_SECONDS:
        return False
    signed = b"v0:" + stamp.encode() + b":" + body
    expected = "v0=" + hmac.new(settings.SLACK_SIGNING_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
