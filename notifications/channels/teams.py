"""Microsoft Teams: the address of a workflow “Post to a chat when a webhook request is received”.

https://support.microsoft.com/office/create-incoming-webhooks-with-workflows-for-microsoft-teams-8ae491c7-0394-4861-ba59-055e33f75498
https://adaptivecards.io/explorer/
"""

from typing import Any

from notifications.channels import web
from notifications.channels.outcome import Outgoing, Receipt

WHO = "Microsoft Teams"
CARD = "application/vnd.microsoft.card.adaptive"
LONGEST = 8000  # a card may have 28 kB
clean, mask = web.clean_url, web.mask_url


def lane(address: str) -> str:
    return web.host_lane("teams", address)


def send(message: Outgoing) -> Receipt:
    """One card. 202 is the flow's way of saying that it was taken."""
    card = {"contentType": CARD, "contentUrl": None, "content": content(message)}
    answer = web.post_json(message, message.address, {"type": "message", "attachments": [card]})
    if 200 <= answer.status < 300:
        return Receipt(provider_id=answer.headers.get("x-ms-workflow-run-id", "")[:200])
    said = web.json_of(answer).get("error")
    words = str(said.get("message", "")) if isinstance(said, dict) else ""
    raise web.refused(message, WHO, answer, words=words or web.text_of(answer))


def content(message: Outgoing) -> dict[str, Any]:
    """The card: plain runs of text, which Teams does not read as Markdown."""
    words = web.words(message)
    actions = []
    if link := web.acknowledge_url(message):
        actions.append({"type": "Action.OpenUrl", "title": words["acknowledge"], "url": link, "style": "positive"})
    if room := web.room_url(message):
        actions.append({"type": "Action.OpenUrl", "title": words["open"], "url": room})
    body = [_run(message.subject, weight="Bolder", size="Medium")]
    body += [_run(line) for line in web.text(message, longest=LONGEST).split("\n") if line]
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body[:80],
        "actions": actions,
        "msteams": {"width": "Full"},
    }


def _run(text: str, **more: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **more}]}
