"""Absences: saying that one is away, and taking it back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import needs, person_of
from accounts.permissions import Verb
from core.errors import NotAllowed, Refused
from core.middleware import zone_or_utc
from oncall import actions
from oncall.forms.cover import AbsenceForm
from oncall.models import Absence


@needs(Verb.RESPOND)
def new(request: HttpRequest) -> HttpResponse:
    """I am away: days, half days at both ends; whatever I hold meanwhile is offered at once."""
    person, at = person_of(request), timezone.now()
    zone = zone_or_utc(person.time_zone)
    if request.method != "POST":
        today = at.astimezone(zone).date()
        return render(
            request, "oncall/absence.html", {"form": AbsenceForm(zone=zone, initial={"first_day": f"{today}"})}
        )
    form = AbsenceForm(request.POST, zone=zone)
    if form.is_valid():
        said = form.cleaned_data
        begin, end = said["period"]
        try:
            made = actions.add_absence(
                person, kind=said["kind"], starts_at=begin, ends_at=end, note=said["note"], actor=person, at=at
            )
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            number = made.swaps.count()
            asked = ngettext(
                "You are away then. Cover is asked for one shift.",
                "You are away then. Cover is asked for %(n)d shifts.",
                number,
            )
            messages.success(request, asked % {"n": number} if number else _("You are away then. You hold no shift."))
            return redirect("oncall:me")
    return render(request, "oncall/absence.html", {"form": form}, status=422)


@needs(Verb.RESPOND)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """I am here after all."""
    person = person_of(request)
    found = get_object_or_404(Absence.objects.select_related("person"), pk=pk)
    if found.person_id != person.pk and not person.can_configure:
        raise NotAllowed(_("Only whoever is away, or a manager, takes an absence back."))
    actions.withdraw_absence(found, actor=person, at=timezone.now())
    messages.success(request, _("The absence is taken back. What was not taken yet is offered no longer."))
    return redirect("oncall:me")
