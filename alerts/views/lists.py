"""Alerts: the list, one alert, and the panels in the pages of incidents and services."""

from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.access import needs, person_of
from alerts import messages, queries
from alerts.models import Alert, AlertQuerySet, AlertSource
from catalog import queries as catalog
from catalog.models import Service
from core.api_fields import LARGEST_ID
from incidents.queries import visible_incident

PAGE = 50
PANEL = 8
SHOWS = ("unresolved", "firing", "acknowledged", "resolved", "all")
FILTERS = ("source", "service", "label", "incident", "q")


@needs()
@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    """Alerts, what changed last first."""
    asked = {name: request.GET.get(name, "").strip()[:1200] for name in FILTERS}
    is_narrowed = any(asked.values())
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ("all" if asked["q"] or asked["incident"] else "unresolved")
    rows = _narrowed(request, asked)
    rows = rows.firing() if show == "unresolved" else rows if show == "all" else rows.in_state(show)
    before = request.GET.get("before", "")
    found = list(_before(rows, before).order_by("-changed_at", "-pk")[: PAGE + 1])
    shown = found[:PAGE]
    context = {
        "alerts": shown,
        "older": _mark(shown[-1]) if len(found) > PAGE else "",
        "before": before,
        "show": show,
        "asked": asked,
        "is_narrowed": is_narrowed,
        "sources": AlertSource.objects.all(),
        "services": catalog.services(),
    }
    return render(request, "alerts/list.html", context)


def _narrowed(request: HttpRequest, asked: dict[str, str]) -> AlertQuerySet:
    person = person_of(request)
    rows = queries.with_label(queries.visible_alerts(person), asked["label"])
    rows = queries.holding(rows, asked["q"])
    if asked["source"]:
        rows = rows.filter(source=_number(asked["source"]))
    if asked["service"]:
        rows = rows.filter(service__slug=asked["service"])
    if asked["incident"]:
        rows = rows.filter(incident=visible_incident(person, asked["incident"]))
    return rows


def _number(words: str) -> int:
    """The id; 0, which nothing has, where it is none."""
    return int(words) if words.isascii() and words.isdigit() and int(words[:20]) <= LARGEST_ID else 0


def _mark(alert: Alert) -> str:
    return f"{alert.changed_at.isoformat()}_{alert.pk}"


def _before(rows: AlertQuerySet, mark: str) -> AlertQuerySet:
    moment, _, pk = mark.partition("_")
    try:
        changed_at = datetime.fromisoformat(moment)
    except ValueError:
        return rows
    if changed_at.tzinfo is None or not 1970 < changed_at.year < 9000:
        return rows
    earlier = Q(changed_at__lt=changed_at) | Q(changed_at=changed_at, pk__lt=_number(pk))
    return rows.filter(earlier, changed_at__lte=changed_at)


@needs()
@require_GET
def alert(request: HttpRequest, pk: int) -> HttpResponse:
    """One alert with its episodes."""
    person = person_of(request)
    found = get_object_or_404(queries.visible_alerts(person).select_related("group"), pk=min(pk, LARGEST_ID))
    episodes = list(queries.occurrences_of(person, found)[:PAGE])
    context = {
        "alert": found,
        "episodes": [(episode, messages.why_words(episode.why)) for episode in episodes],
        "kept": queries.kept_payloads(episodes, found),
        "labels": sorted(found.labels.items()),
    }
    return render(request, "alerts/alert.html", context)


@needs()
@require_GET
def of_incident(request: HttpRequest, reference: str) -> HttpResponse:
    """The panel of a war room: the incident's alerts, firing ones first. Nothing where there are none."""
    person = person_of(request)
    incident = visible_incident(person, reference)
    rows = queries.alerts_of_incident(person, incident)
    shown = list(rows[:PANEL])
    if not shown:
        return HttpResponse()
    context = {"incident": incident, "alerts": shown, "total": rows.count(), "firing": rows.firing().count()}
    return render(request, "alerts/_of_incident.html", context)


@needs()
@require_GET
def of_service(request: HttpRequest, slug: str) -> HttpResponse:
    """The panel of a service's page: what fires there now, and where its alerts come from."""
    service = get_object_or_404(Service, slug=slug)
    rows = queries.alerts_of_service(person_of(request), service)
    context = {
        "service": service,
        "alerts": rows[:PANEL],
        "total": rows.count(),
        "sources": AlertSource.objects.filter(service=service, disabled_at=None),
    }
    return render(request, "alerts/_of_service.html", context)
