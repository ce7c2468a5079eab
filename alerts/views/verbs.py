"""What people do to one alert."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import needs, person_of
from accounts.permissions import Verb
from alerts import actions, queries
from alerts.models import Alert
from core.api_fields import LARGEST_ID
from core.htmx import go_to


@needs(Verb.RESPOND)
@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody is on it."""
    found = _alert(request, pk)
    actions.acknowledge_alert(found, actor=person_of(request), at=timezone.now())
    return go_to(request, reverse("alerts:alert", args=[found.pk]))


@needs(Verb.RESPOND)
@require_POST
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it as over."""
    found = _alert(request, pk)
    actions.resolve_alert(found, actor=person_of(request), at=timezone.now())
    return go_to(request, reverse("alerts:alert", args=[found.pk]))


def _alert(request: HttpRequest, pk: int) -> Alert:
    return get_object_or_404(queries.visible_alerts(person_of(request)), pk=min(pk, LARGEST_ID))
