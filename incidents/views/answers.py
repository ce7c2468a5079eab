"""What the room answers to whom acts: the changed parts to a browser that listens, a redirect to one that does not."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from accounts.access import person_of
from core.htmx import is_partial
from incidents import board, queries
from incidents.models import Incident


def room_url(incident: Incident) -> str:
    return reverse("incidents:room", kwargs={"reference": incident.reference})


def changed(request: HttpRequest, incident: Incident) -> HttpResponse:
    """The room after a verb: its parts, and the lines the browser has not got (it names its newest in `Room-Head`)."""
    if not is_partial(request):
        return HttpResponseRedirect(room_url(incident))
    return parts(request, incident, after=whole_number(request.headers.get("Room-Head", "")))


def parts(request: HttpRequest, incident: Incident, *, after: int | None) -> JsonResponse:
    """The live message for this reader: the same that the websocket sends."""
    now = board.read(incident.pk, at=timezone.now())
    queries.visible_incident(person_of(request), incident.reference)  # judged after it was read: it may be closed now
    reader = board.Reader.of(person_of(request), browser=get_language(), called=now.called)
    return JsonResponse(board.message(now, reader, after=after, html=board.render(now, reader)))


def whole_number(text: str) -> int | None:
    """A number of at most nine digits from a query or a header; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
