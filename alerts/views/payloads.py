"""One payload: what arrived, and what became of it."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import needs, person_of
from accounts.permissions import Verb
from alerts import actions, queries, reading
from alerts.models import Payload
from alerts.normal import Unreadable
from core.api_fields import LARGEST_ID

SHOWN_BYTES = 200_000
_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t\r"} | {127: 0x2421}


@needs()
@require_GET
def payload(request: HttpRequest, pk: int) -> HttpResponse:
    """The payload itself, for who may read it, and its alerts."""
    found = _payload(pk)
    person = person_of(request)
    body = bytes(found.body)
    may_read = queries.may_read(person, found)
    context = {
        "payload": found,
        "became": queries.became(person, [found])[0],
        "may_read": may_read,
        "body": pretty(body) if may_read else "",
        "size": len(body),
        "is_cut": len(body) > SHOWN_BYTES,
    }
    template = "alerts/_became.html" if request.headers.get("HX-Request") == "true" else "alerts/payload.html"
    return render(request, template, context)


@needs(Verb.CONFIGURE)
@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it again."""
    actions.replay(_payload(pk), actor=person_of(request), at=timezone.now())
    return redirect("alerts:payload", pk=pk)


def _payload(pk: int) -> Payload:
    return get_object_or_404(Payload.objects.select_related("source"), pk=min(pk, LARGEST_ID))


def pretty(body: bytes) -> str:
    """The body as text that can be shown: indented where it is JSON, control characters as pictures of themselves."""
    try:
        words = json.dumps(reading.read(body), indent=2, ensure_ascii=False)
    except (Unreadable, RecursionError, ValueError):
        words = body[:SHOWN_BYTES].decode("utf-8", "backslashreplace")
    shown = words[:SHOWN_BYTES].encode("utf-8", "backslashreplace").decode()
    return shown.translate(_PICTURES)
