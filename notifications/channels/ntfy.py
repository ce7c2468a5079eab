"""ntfy: a topic of ntfy.sh or of a server of one's own. https://docs.ntfy.sh/publish/"""

import re
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from notifications.channels import web
from notifications.channels.outcome import Outgoing, Receipt

WHO = "ntfy"
TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
LONGEST_BYTES = 3800  # above 4096 the text becomes an attachment
mask = web.mask_url


def clean(address: str) -> str:
    """The address of a topic: https://ntfy.sh/a-long-secret-name."""
    tidy = web.clean_url(address)
    topic = urlsplit(tidy).path.strip("/")
    web.require(TOPIC.fullmatch(topic), _("The address of a topic looks like https://ntfy.sh/a-long-secret-name."))
    return tidy


def lane(address: str) -> str:
    return web.host_lane("ntfy", address)


def send(message: Outgoing) -> Receipt:
    """Publish once; its button acknowledges without opening anything."""
    parts = urlsplit(message.address)
    url = f"{parts.scheme}://{parts.netloc}/" + (f"?{parts.query}" if parts.query else "")
    answer = web.post_json(message, url, {"topic": parts.path.strip("/"), **document(message)})
    found = web.json_of(answer)
    if 200 <= answer.status < 300:
        return Receipt(provider_id=str(found.get("id", ""))[:200])
    raise web.refused(message, WHO, answer, code=found.get("code"), words=str(found.get("error", "")))


def document(message: Outgoing) -> dict[str, Any]:
    words = web.words(message)
    found: dict[str, Any] = {
        "title": web.cut(message.subject, 200),
        "message": _short(web.text(message, longest=LONGEST_BYTES)),
        "priority": 5 if message.kind == "page" else 3,
        "tags": ["rotating_light"] if message.kind == "page" else [],
    }
    actions: list[dict[str, Any]] = []
    if link := web.acknowledge_url(message):
        press = {"action": "http", "label": words["acknowledge"], "url": link, "method": "POST", "clear": True}
        actions.append(press)
    if room := web.room_url(message):
        actions.append({"action": "view", "label": words["open"], "url": room})
        found["click"] = web.acknowledge_url(message) or room
    return found | ({"actions": actions} if actions else {})


def _short(text: str) -> str:
    raw = text.encode()
    return text if len(raw) <= LONGEST_BYTES else raw[: LONGEST_BYTES - 3].decode("utf-8", "ignore") + "…"
