"""The public side of an incident: a panel of the war room, and the composer of public updates."""

import contextlib
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import needs, person_of
from accounts.permissions import Verb
from core import look
from core.errors import Refused
from core.htmx import is_partial
from core.middleware import zone_or_utc
from incidents.models import Incident
from incidents.queries import visible_incident
from statuspage import actions, announcing, queries, rollup, site, words
from statuspage.forms import TellForm
from statuspage.models import StatusPage

PANEL = "statuspage-of-incident"


@needs(Verb.LOOK)
@require_GET
def panel(request: HttpRequest, reference: str) -> HttpResponse:
    """What the public sees now; a page of its own without scripts."""
    incident = visible_incident(person_of(request), reference)
    template = "statuspage/_of_incident.html" if is_partial(request) else "statuspage/of_incident.html"
    return render(request, template, _context(incident))


@needs(Verb.RESPOND)
@require_http_methods(["GET", "POST"])
def tell(request: HttpRequest, reference: str) -> HttpResponse:
    """Compose a public update, look at it as the public will, and post it."""
    incident = visible_incident(person_of(request), reference)
    form = TellForm(request.POST or None, incident=incident)
    preview = None
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            preview = _preview(form)
        else:
            try:
                return _post(request, incident, form)
            except Refused as refusal:
                form.add_error(None, refusal.sentence)
    template = "statuspage/_tell.html" if is_partial(request) else "statuspage/tell.html"
    context = {**_context(incident), "form": form, "preview": preview}
    return render(request, template, context, status=422 if form.errors else 200)


def _post(request: HttpRequest, incident: Incident, form: TellForm) -> HttpResponse:
    at = timezone.now()
    actions.tell_public(
        incident,
        text=form.cleaned_data["text"],
        status=form.cleaned_data["status"],
        title=form.cleaned_data["public_title"],
        components=form.chosen(),
        next_update_at=form.next_update_at(at),
        actor=person_of(request),
        at=at,
    )
    if not is_partial(request):
        return HttpResponseRedirect(reverse("incidents:room", kwargs={"reference": incident.reference}))
    fresh = visible_incident(person_of(request), incident.reference)
    html = render_to_string("statuspage/_of_incident.html", _context(fresh), request)
    # The room's own message: it closes the dialog, puts the panel in its place, and asks for what else is new.
    return JsonResponse({"kind": "parts", "head": 0, "parts": {PANEL: html}, "lines": [], "gap": False})


def _context(incident: Incident) -> dict[str, Any]:
    side = queries.public_side(incident.pk)
    pages = [page for page, _components in announcing.pages_for_service(incident.service_id)]
    return {
        "incident": incident,
        "side": side,
        "would_stand_on": pages,
        "rows": [(one, f"{site.root_of(one.page)}incidents/{one.announcement.public_id}/") for one in side.told],
        "is_secret": incident.private or incident.drill,
        "is_void": incident.status in {"declined", "merged"},
        "room_url": reverse("incidents:room", kwargs={"reference": incident.reference}),
    }


@contextlib.contextmanager
def _speaking(page: StatusPage | None) -> Iterator[None]:
    """In the language and the time zone of the page; in the reader's where there is none."""
    if page is None:
        yield
        return
    with translation.override(page.language), timezone.override(zone_or_utc(page.time_zone)):
        yield


def _preview(form: TellForm) -> dict[str, Any]:
    """The update as the public will see it."""
    at = timezone.now()
    incident, chosen = form.incident, form.chosen()
    derived = rollup.state_for(incident.severity.rank)
    status = form.cleaned_data["status"]
    lines = [
        (component.name, chosen.get(component.pk, derived))
        for component, is_tied in form.components
        if component.pk in chosen or is_tied
    ]
    pages = [page for page, _components in announcing.pages_for_service(incident.service_id)]
    next_at = None if status == words.RESOLVED else form.next_update_at(at)
    with _speaking(pages[0] if pages else None):
        return {
            "title": form.cleaned_data["public_title"],
            "status_words": words.status_words(status),
            "text": form.cleaned_data["text"],
            "posted_at": words.moment_words(at),
            "next_update_at": words.moment_words(next_at) if next_at else "",
            "components": [
                (name, words.state_words(shown), look.HEALTH[look.health_key(shown)])
                for name, state in lines
                for shown in ["operational" if status == words.RESOLVED else state]
            ],
            "pages": pages,
        }
