"""Overrides: take a shift over, or give it back."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import needs, person_of
from accounts.permissions import Verb
from core.errors import Refused
from oncall import actions
from oncall.forms import OverrideForm
from oncall.forms.override import MINUTE
from oncall.models import Duty
from oncall.views.found import schedule_or_404


@needs(Verb.RESPOND)
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Take over a duty for a while; a click on a shift fills in which and when."""
    schedule = schedule_or_404(slug)
    if request.method != "POST":
        form = OverrideForm(schedule=schedule, initial=_asked(request))
        return render(request, "oncall/override.html", {"form": form, "schedule": schedule})
    form = OverrideForm(request.POST, schedule=schedule)
    if form.is_valid():
        try:
            actions.add_override(schedule, actor=person_of(request), at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("The override stands."))
            return redirect("oncall:schedule", slug=schedule.slug)
    return render(request, "oncall/override.html", {"form": form, "schedule": schedule}, status=422)


@needs(Verb.RESPOND)
@require_POST
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give it back to the rotations, from now on."""
    schedule = schedule_or_404(slug)
    override = get_object_or_404(schedule.overrides, pk=pk)
    actions.remove_override(override, actor=person_of(request), at=timezone.now())
    messages.success(request, _("The rotations hold again."))
    return redirect("oncall:schedule", slug=schedule.slug)


def _asked(request: HttpRequest) -> dict[str, Any]:
    """Duty and period of the shift that was clicked; from the next full hour for eight hours otherwise. What is over of
    a shift stays out."""
    now = timezone.localtime(timezone.now())
    hour = (now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    starts_at = _typed(request.GET.get("from", "")) or f"{hour:{MINUTE}}"
    ends_at = _typed(request.GET.get("until", "")) or f"{hour + timedelta(hours=8):{MINUTE}}"
    if starts_at < f"{now:{MINUTE}}" < ends_at:
        starts_at = f"{now:{MINUTE}}"
    duty = request.GET.get("duty", "")
    return {
        "person": person_of(request).pk,
        "duty": duty if duty in Duty.values else Duty.PRIMARY,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }


def _typed(raw: str) -> str:
    """The moment as the field wants it; empty for what is none."""
    try:
        return f"{datetime.strptime(raw, MINUTE):{MINUTE}}"  # noqa: DTZ007 - a wall-clock time of the reader
    except ValueError:
        return ""
