"""Mattermost: an incoming webhook. https://developers.mattermost.com/integrate/webhooks/incoming/"""

import re
from typing import Any

from notifications.channels import web
from notifications.channels.outcome import Outgoing, Receipt

WHO = "Mattermost"
LONGEST = 7000
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~<>])")
_MENTION = re.compile(r"@(?=\w)")
clean, mask = web.clean_url, web.mask_url


def lane(address: str) -> str:
    return web.host_lane("mattermost", address)


def send(message: Outgoing) -> Receipt:
    """One post."""
    answer = web.post_json(message, message.address, document(message))
    if 200 <= answer.status < 300:
        return Receipt()
    reset = answer.headers.get("x-ratelimit-reset", "")  # seconds until there is room again
    after = float(reset[:6]) if answer.status == 429 and reset.isascii() and reset.isdigit() else None
    raise web.refused(message, WHO, answer, words=str(web.json_of(answer).get("message", "")), after=after)


def harmless(text: str) -> str:
    """Words of others without Markdown and without mentions; addresses stay whole."""
    return "\n".join(
        line if line.startswith("http") else _MENTION.sub("@\u200b", _MARKDOWN.sub(r"\\\1", line))
        for line in text.split("\n")
    )


def document(message: Outgoing) -> dict[str, Any]:
    words = web.words(message)
    links = [(words["acknowledge"], web.acknowledge_url(message)), (words["open"], web.room_url(message))]
    pressed = " · ".join(f"[**{text}**]({url})" for text, url in links if url)
    body = harmless(_without_links(web.text(message, longest=LONGEST), [url for _word, url in links if url]))
    parts = [f"**{harmless(message.subject)}**", pressed, body]
    return {"text": "\n\n".join(part for part in parts if part), "username": "Muster"}


def _without_links(text: str, urls: list[str]) -> str:
    """Lines that only repeat the links are left out."""
    return "\n".join(line for line in text.split("\n") if not any(url in line for url in urls)).strip()
