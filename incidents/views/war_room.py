"""The war room: one page, live for everyone in it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import needs, person_of
from core.htmx import is_partial
from incidents import board, queries, story
from incidents.forms import NOTE, SayForm
from incidents.models import Incident, Update
from incidents.views.answers import parts, room_url, whole_number


@needs()
@require_GET
def room(request: HttpRequest, reference: str) -> HttpResponse:
    """The page."""
    return page(request, queries.visible_incident(person_of(request), reference))


@needs()
@require_GET
def live(request: HttpRequest, reference: str) -> HttpResponse:
    """The same message the socket sends: for browsers that have lost it, or never got one through."""
    incident = queries.visible_incident(person_of(request), reference)
    return parts(request, incident, after=whole_number(request.GET.get("after", "")))


@needs()
@require_GET
def timeline(request: HttpRequest, reference: str) -> HttpResponse:
    """A window of the story: narrowed to a group (`show`), or earlier lines (`before`)."""
    incident = queries.visible_incident(person_of(request), reference)
    if not is_partial(request):
        return page(request, incident)
    template = "incidents/_lines.html" if request.GET.get("part") == "lines" else "incidents/_timeline.html"
    reader = board.Reader.of(person_of(request), browser=get_language())
    context = {"incident": incident, "reader": reader, **window(request, incident)}
    queries.visible_incident(person_of(request), reference)  # judged after it was read: it may be closed now
    return render(request, template, context)


def page(request: HttpRequest, incident: Incident, *, say_form: SayForm | None = None) -> HttpResponse:
    """The whole page, 422 when a form in it was refused."""
    person = person_of(request)
    now = board.read(incident.pk, at=timezone.now())
    reader = board.Reader.of(person, browser=get_language(), called=now.called)
    context = {
        **board.context_of(now, reader),
        **window(request, now.incident),
        **composer(now.incident, say_form),
        "panels": PANELS,
    }
    queries.visible_incident(person, incident.reference)  # judged after it was read: it may be closed now
    return render(request, "incidents/room.html", context, status=422 if say_form and say_form.errors else 200)


def window(request: HttpRequest, incident: Incident) -> dict[str, Any]:
    """The lines asked for and what the partial needs to go on from them."""
    show = request.GET.get("show", "")
    show = show if show in story.GROUPS else ""
    before = whole_number(request.GET.get("before", ""))
    events, has_earlier = queries.timeline_before(incident, before, kinds=story.kinds_of(show))
    return {
        "lines": [story.tell(event) for event in events],
        "earlier_before": events[-1].seq if has_earlier else None,
        "show": show,
        "before": before,
        "groups": [(name, label) for name, (label, _kinds) in story.GROUPS.items()],
        "room_url": room_url(incident),
        "timeline_url": room_url(incident) + "timeline/",
    }


def composer(incident: Incident, form: SayForm | None = None) -> dict[str, Any]:
    """What the composer is given; the door to the public is left out where it may not be told."""
    kinds = [(NOTE, _("Note"), "message"), (Update.Audience.INTERNAL.value, _("Internal update"), "users")]
    return {
        "say_form": form or SayForm(initial={"what": NOTE}, prefix=None),
        "say_kinds": kinds,
        "may_tell_public": not incident.private and not incident.drill,
    }


# Panels of the rooms above, loaded by address: this room knows their names on the map and nothing else of them.
PANELS = ["alerts:of-incident", "statuspage:of-incident", "postmortems:of-incident"]
