"""The form of a rotation, with rows and a preview."""

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import needs, person_of
from accounts.permissions import Verb
from core.htmx import go_to, is_partial
from core.middleware import zone_or_utc
from oncall import actions, queries
from oncall.forms import RotationForm
from oncall.forms.rotation import PersonRow, as_it_stands, as_wished
from oncall.forms.rows import wish_of
from oncall.models import Duty, Rotation, Schedule
from oncall.views.found import schedule_or_404

AHEAD = timedelta(weeks=12)


@needs(Verb.CONFIGURE)
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a rotation."""
    schedule = schedule_or_404(slug)
    if request.method == "POST":
        return _answered(request, schedule, None)
    return _shown(request, schedule, None, _blank(schedule))


@needs(Verb.CONFIGURE)
def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change a rotation from now on."""
    schedule = schedule_or_404(slug)
    row = get_object_or_404(schedule.rotations.in_force(), pk=pk)
    if request.method == "POST":
        return _answered(request, schedule, row)
    return _shown(request, schedule, row, as_it_stands(row))


@needs(Verb.CONFIGURE)
@require_POST
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """End a rotation now."""
    schedule = schedule_or_404(slug)
    row = get_object_or_404(schedule.rotations.in_force(), pk=pk)
    actions.remove_rotation(row, actor=person_of(request), at=timezone.now())
    messages.success(request, _("The rotation “%(name)s” has ended.") % {"name": row.name})
    return redirect("oncall:schedule", slug=schedule.slug)


def _answered(request: HttpRequest, schedule: Schedule, row: Rotation | None) -> HttpResponse:
    pressed = request.POST.get("do", "save")
    wish = wish_of(pressed)
    if wish is not None:
        return _shown(request, schedule, row, as_wished(request.POST, wish, schedule=schedule))
    form = RotationForm(request.POST, schedule=schedule)
    if not form.is_valid():
        return _shown(request, schedule, row, form, status=422)
    at = timezone.now()

    def save(at: datetime = at) -> None:
        if row is None:
            actions.add_rotation(schedule, form.values(), actor=person_of(request), at=at)
        else:
            actions.change_rotation(row, form.values(), actor=person_of(request), at=at)

    if pressed != "save-anyway":
        told = queries.preview(schedule, save, since=at, until=at + AHEAD)
        if pressed == "preview":
            return _shown(request, schedule, row, form, told=told)
        if any(change.before and not change.after for change in told.changes):
            return _shown(request, schedule, row, form, told=told, asks=True, status=422)
    save()
    messages.success(request, _("Saved. It counts from now on; what was stays as it was."))
    return go_to(request, schedule.get_absolute_url())


def _shown(
    request: HttpRequest,
    schedule: Schedule,
    row: Rotation | None,
    form: RotationForm,
    *,
    told: queries.Preview | None = None,
    asks: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {"schedule": schedule, "rotation": row, "form": form, "told": told, "asks": asks}
    template = "oncall/_rotation_form.html" if is_partial(request) else "oncall/rotation.html"
    return render(request, template, context, status=status)


def _blank(schedule: Schedule) -> RotationForm:
    here = timezone.now().astimezone(zone_or_utc(schedule.time_zone))
    standing = list(schedule.rotations.in_force())
    has_primary = any(row.duty == Duty.PRIMARY for row in standing)
    duty = Duty.SECONDARY if has_primary and not any(row.duty == Duty.SECONDARY for row in standing) else Duty.PRIMARY
    initial = {
        "name": "" if has_primary else _("Weekly primary"),
        "duty": duty,
        "layer": 1 + max((row.layer for row in standing if row.duty == duty), default=-1),
        "turn": "weeks",
        "turn_length": 1,
        "handoff_time": time(10),
        "starts_on": here.date() - timedelta(days=here.weekday()),
    }
    return RotationForm(schedule=schedule, initial=initial, people=[PersonRow(), PersonRow()])
