"""Telegram, by a bot of the installation. https://core.telegram.org/bots/api#sendmessage"""

import re
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from notifications.channels import web
from notifications.channels.outcome import Outgoing, Receipt

WHO = "Telegram"
CHAT = re.compile(r"-?[0-9]{4,20}")
LONGEST = 4000  # of 4096


def clean(address: str) -> str:
    """The number of a chat; names of people do not work there."""
    tidy = address.strip()
    sentence = _("Give the number of your chat: write to the bot, then ask @userinfobot for your id.")
    web.require(tidy.isascii() and CHAT.fullmatch(tidy), sentence)
    return tidy


def lane(address: str) -> str:
    return web.host_lane("telegram", settings.TELEGRAM_URL)


mask = web.mask_id


def missing() -> list[str]:
    return web.missing("TELEGRAM_BOT_TOKEN")


def send(message: Outgoing) -> Receipt:
    """One message of plain text, with a button for the link."""
    web.require_set_up(missing())
    url = f"{settings.TELEGRAM_URL}/bot{settings.TELEGRAM_BOT_TOKEN}/sendMessage"
    answer = web.post_json(message, url, document(message))
    found = web.json_of(answer)
    if answer.status == 200 and found.get("ok") is True:
        result = found.get("result")
        return Receipt(provider_id=str(result.get("message_id", "")) if isinstance(result, dict) else "")
    if answer.status in {401, 404}:  # 404: the token is no bot's
        raise web.own_trouble(WHO, str(answer.status))
    hints = found.get("parameters")
    wait = hints.get("retry_after") if isinstance(hints, dict) else None
    after = float(wait) if isinstance(wait, int | float) and 0 <= wait < 10**6 else None
    raise web.refused(message, WHO, answer, words=str(found.get("description", "")), after=after)


def document(message: Outgoing) -> dict[str, Any]:
    words = web.words(message)
    whole = f"{message.subject}\n\n{message.text}"
    if message.possibly_repeated:
        whole += f"\n\n{words['repeat']}"
    found: dict[str, Any] = {
        "chat_id": int(message.address),
        "text": web.cut(whole, LONGEST),
        "link_preview_options": {"is_disabled": True},
    }
    links = [(words["acknowledge"], web.acknowledge_url(message)), (words["open"], web.room_url(message))]
    keys = [[{"text": text, "url": url}] for text, url in links if url]
    if keys and web.is_reachable_from_outside():  # Telegram refuses buttons that lead to a loopback
        found["reply_markup"] = {"inline_keyboard": keys}
    return found
