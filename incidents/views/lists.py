"""Finding incidents: the list, and the open ones of a service."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.access import needs, person_of
from catalog import queries as catalog
from catalog.models import Service, Severity
from core.look import status_look
from incidents import queries
from incidents.lifecycle import OPEN, OVER, Status
from incidents.models import IncidentQuerySet
from incidents.views.answers import whole_number

PAGE = 30
SHOWS = ("open", "mine", "all")


@needs()
@require_GET
def incidents(request: HttpRequest) -> HttpResponse:
    """Incidents, the newest first; a search looks through all of them."""
    person = person_of(request)
    asked = request.GET.get("q", "").strip()[: queries.LONGEST_SEARCH]
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ("all" if asked else "open")
    rows = _narrowed(queries.search(person, asked), request, show)
    before = whole_number(request.GET.get("before", ""))
    page = rows.filter(number__lt=before) if before else rows
    found = list(page.select_related("severity", "service").order_by("-number")[: PAGE + 1])
    shown = found[:PAGE]
    commanders = queries.commanders(shown)
    context = {
        "incidents": shown,
        "rows": [(incident, commanders.get(incident.pk)) for incident in shown],
        "older_before": shown[-1].number if len(found) > PAGE else None,
        "before": before,
        "show": show,
        "asked": asked,
        "is_narrowed": any(request.GET.get(name) for name in ("severity", "service", "status", "drill")),
        "severities": Severity.objects.all(),
        "services": catalog.services(),
        "statuses": [(status.value, status_look(status.value).label) for status in Status],
    }
    return render(request, "incidents/list.html", context)


@needs()
@require_GET
def of_service(request: HttpRequest, slug: str) -> HttpResponse:
    """The panel of a service's page: what is open there now, and what was last."""
    service = get_object_or_404(Service, slug=slug)
    rows = queries.of_service(person_of(request), service).select_related("severity")
    context = {
        "service": service,
        "open_incidents": rows.filter(status__in=OPEN)[:10],
        "past_incidents": rows.filter(status__in=OVER)[:5],
    }
    return render(request, "incidents/_of_service.html", context)


def _narrowed(rows: IncidentQuerySet, request: HttpRequest, show: str) -> IncidentQuerySet:
    """The rows by what the address asks for; unknown words narrow nothing."""
    given: dict[str, Any] = request.GET.dict()
    person = person_of(request)
    if show == "open":
        rows = rows.open()
    elif show == "mine":
        rows = rows.filter(queries.mine(person))
    if given.get("status") in list(Status):
        rows = rows.filter(status=given["status"])
    if given.get("severity"):
        rows = rows.filter(severity__code=given["severity"])
    if given.get("service"):
        rows = rows.filter(service__slug=given["service"])
    if given.get("drill") in {"yes", "no"}:
        rows = rows.filter(drill=given["drill"] == "yes")
    return rows
