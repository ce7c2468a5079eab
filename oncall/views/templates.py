"""One form that lays out an empty schedule by a template."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import needs, person_of
from accounts.permissions import Verb
from core.middleware import zone_or_utc
from oncall import actions
from oncall.forms.template import FORMS
from oncall.models import Schedule
from oncall.views.found import schedule_or_404


@needs(Verb.CONFIGURE)
def fill(request: HttpRequest, slug: str) -> HttpResponse:
    """Lay out a schedule: a team, follow the sun, or days and nights."""
    schedule = schedule_or_404(slug)
    asked = (request.POST if request.method == "POST" else request.GET).get("template", "")
    chosen = asked if asked in FORMS else "team"
    if request.method != "POST":
        form = FORMS[chosen](schedule=schedule, initial=_first_words(schedule))
        return render(request, "oncall/fill.html", {"schedule": schedule, "form": form, "chosen": chosen})
    form = FORMS[chosen](request.POST, schedule=schedule)
    if not form.is_valid():
        context = {"schedule": schedule, "form": form, "chosen": chosen}
        return render(request, "oncall/fill.html", context, status=422)
    actions.lay_out(schedule, form.rotations, actor=person_of(request), at=timezone.now())
    messages.success(request, _("The schedule stands. Change whatever differs in your team."))
    return redirect("oncall:schedule", slug=schedule.slug)


def _first_words(schedule: Schedule) -> dict[str, Any]:
    here = timezone.now().astimezone(zone_or_utc(schedule.time_zone)) - timedelta(hours=10)
    team = schedule.team
    people = [person.pk for person in team.members.filter(is_active=True)] if team else []
    monday = here.date() - timedelta(days=here.weekday())
    zones = {"zone_1": "Australia/Sydney", "zone_2": "Europe/London", "zone_3": "America/Los_Angeles"}
    return {"starts_on": monday, "people": people, "by_day": people, "by_night": people, **zones}
