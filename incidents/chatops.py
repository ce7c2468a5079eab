"""Answers from chat and phone: a button in Slack, a key pressed during a call. Both end in the acknowledgement."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from incidents import acknowledging, messages
from incidents.acknowledging import Found, Standing
from notifications import actions as outbox
from notifications import queries
from notifications.channels import slack, voice
from notifications.models import ChannelName, ContactMethod, MessageKind
from notifications.views.hooks import is_from_twilio

LONGEST_BODY = 256 * 1024
NOT_GENUINE = "The signature does not fit.\n"


@csrf_exempt
@require_POST
def keypad(request: HttpRequest, token: str) -> HttpResponse:
    """1 acknowledges as the person who was called; the answer is spoken."""
    if not is_from_twilio(request):
        return HttpResponse(NOT_GENUINE, status=403, content_type="text/plain")
    at = timezone.now()
    is_pressed = str(request.POST.get("Digits", "")).strip() == "1"
    found = acknowledging.press(token, at=at)[0] if is_pressed else acknowledging.find(token, at=at)
    if found.page is None:
        return _spoken(_("This call is over. Open Muster to see how it stands."))
    with messages.speaking_to(found.page.person):
        return _spoken(told(found) if is_pressed else _("Nothing was acknowledged."))


def _spoken(text: str) -> HttpResponse:
    return HttpResponse(f"<Response>{voice.say(text)}</Response>", content_type="text/xml; charset=utf-8")


@csrf_exempt
@require_POST
def slack_button(request: HttpRequest) -> HttpResponse:
    """A press of our button acknowledges as the person whose verified Slack account pressed it."""
    at = timezone.now()
    stamp, given = request.headers.get("X-Slack-Request-Timestamp", ""), request.headers.get("X-Slack-Signature", "")
    if len(request.body) > LONGEST_BODY or not slack.is_genuine(request.body, stamp=stamp, given=given, at=at):
        return HttpResponse(NOT_GENUINE, status=403, content_type="text/plain")
    member, token = _pressed(request.POST.get("payload", ""))
    method = queries.verified_at_address(ChannelName.SLACK, member) if member and token else None
    if method is None:
        return HttpResponse(status=200)  # a link button, or nobody we know
    found = acknowledging.find(token, at=at)
    if found.page is None or found.page.person_id != method.person_id:
        _answer(method, _("This page was for somebody else, or is over."), key=f"slack/{stamp}/{given[-32:]}")
        return HttpResponse(status=200)
    found, _status = acknowledging.press(token, at=at)
    with messages.speaking_to(method.person):
        _answer(method, told(found), key=f"slack/{stamp}/{given[-32:]}")
    return HttpResponse(status=200)


def _answer(method: ContactMethod, text: str, *, key: str) -> None:
    outbox.send_to(
        method.channel, method.address, topic=f"chat/{method.pk}", kind=MessageKind.NOTICE, subject=text, text="",
        payload={}, key=key, at=timezone.now(), method=method,
    )  # fmt: skip


def _pressed(text: str) -> tuple[str, str]:
    """Who pressed our button, and the token of the page; empty where it was another one or cannot be read."""
    try:
        payload: Any = json.loads(text)
        member = payload["user"]["id"]
        value = next(each["value"] for each in payload["actions"] if each["action_id"] == slack.BUTTON)
    except (ValueError, TypeError, KeyError, StopIteration, RecursionError):
        return "", ""
    return (member, value) if isinstance(member, str) and isinstance(value, str) else ("", "")


def told(found: Found) -> str:
    """How it stands now, as a sentence."""
    reference = found.incident.reference if found.incident else ""
    if found.standing is Standing.MINE:
        return _("You have acknowledged %(reference)s.") % {"reference": reference}
    if found.standing is Standing.TAKEN:
        return _("Somebody else has acknowledged %(reference)s already.") % {"reference": reference}
    return _("%(reference)s is over.") % {"reference": reference}
