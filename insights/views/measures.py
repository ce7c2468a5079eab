"""How incidents went, over a period."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.access import needs, person_of
from accounts.permissions import Verb
from insights import measures
from insights.forms import MeasureFilter


@needs(Verb.LOOK)
def show(request: HttpRequest) -> HttpResponse:
    """Medians, p90 and n, beside the period before; the weeks; and the slowest incidents."""
    form = MeasureFilter(request.GET if request.GET else {"days": "30"})
    valid = form.is_valid()
    given = form.cleaned_data if valid else {}
    until = timezone.now()
    asked = measures.Asked(
        until - timedelta(days=given.get("days") or 30),
        until,
        given.get("severity"),
        given.get("team"),
        given.get("service"),
    )
    context = {
        "form": form,
        "asked": asked,
        "lines": measures.lines(asked),
        "count": measures.incidents_in(asked).count(),
        "count_before": measures.incidents_in(asked.before).count(),
        "weeks": [(date_format(monday, _("j M")), count) for monday, count in measures.weekly(asked)],
        "slowest": measures.slowest(asked, person_of(request)),
    }
    return render(request, "insights/measures.html", context, status=200 if valid else 422)
