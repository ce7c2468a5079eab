"""Swaps: what is offered, the form that offers, and the answers."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import needs, person_of
from accounts.models import User
from accounts.permissions import Verb
from core.errors import NotAllowed, Refused
from oncall import actions, queries
from oncall.forms.cover import SwapForm, key_of
from oncall.models import Schedule, Swap
from oncall.queries import Shift

AHEAD = timedelta(weeks=12)
PAST_SHOWN = 20


@needs()
def swaps(request: HttpRequest) -> HttpResponse:
    """Everything that is offered, what the reader offers, and what was decided lately."""
    person, at = person_of(request), timezone.now()
    rows = Swap.objects.select_related("schedule", "person", "offered_to", "taken_by", "absence")
    mine = rows.open().filter(person=person, expires_at__gt=at)
    for_me = queries.open_swaps_for(person).filter(expires_at__gt=at)
    others = rows.open().filter(expires_at__gt=at).exclude(Q(person=person) | Q(pk__in=for_me.values("pk")))
    context = {
        "for_me": for_me if person.can_respond else for_me.none(),
        "mine": mine,
        "others": others if person.can_respond else rows.open().filter(expires_at__gt=at).exclude(person=person),
        "past": rows.exclude(state="open").order_by("-closed_at", "-id")[:PAST_SHOWN],
    }
    return render(request, "oncall/swaps.html", context)


@needs()
def swap(request: HttpRequest, pk: int) -> HttpResponse:
    """One offer: what, by whom, to whom, and how it stands."""
    found = _swap_or_404(pk)
    person, at = person_of(request), timezone.now()
    is_open = found.is_open and found.expires_at > at
    asks = list(found.asks.select_related("person"))
    mine = next((ask for ask in asks if ask.person_id == person.pk), None)
    context = {
        "swap": found,
        "asks": asks,
        "is_open": is_open,
        "declined": mine is not None and mine.declined_at is not None,
        "may_take": is_open and person.can_respond and person.pk != found.person_id
        and found.offered_to_id in {None, person.pk},
        "may_withdraw": is_open and _may_withdraw(person, found),
    }  # fmt: skip
    return render(request, "oncall/swap.html", context)


@needs(Verb.RESPOND)
def new(request: HttpRequest) -> HttpResponse:
    """Offer one of the reader's shifts, or a part of it."""
    person, at = person_of(request), timezone.now()
    mine = [_from_now(each, at) for each in queries.shifts_of(person, since=at, until=at + AHEAD)]
    theirs = _returnable(mine, person, at)
    if request.method != "POST":
        form = SwapForm(mine=mine, theirs=theirs, person=person, initial=_asked(request, mine))
        return render(request, "oncall/swap_new.html", {"form": form, "mine": mine})
    form = SwapForm(request.POST, mine=mine, theirs=theirs, person=person)
    if form.is_valid():
        wish = form.cleaned_data["wish"]
        try:
            made = actions.offer_shift(wish.pop("schedule"), person=person, actor=person, at=at, **wish)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("It is offered. You are still on call until somebody accepts."))
            return redirect(made.get_absolute_url())
    return render(request, "oncall/swap_new.html", {"form": form, "mine": mine}, status=422)


@needs(Verb.RESPOND)
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it."""
    taken = actions.accept_swap(_swap_or_404(pk), actor=person_of(request), at=timezone.now())
    messages.success(request, _("It is yours: you are on call then."))
    return redirect(taken.get_absolute_url())


@needs(Verb.RESPOND)
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Say no."""
    found = actions.decline_swap(_swap_or_404(pk), actor=person_of(request), at=timezone.now())
    messages.success(request, _("You declined. Nothing changes for you."))
    return redirect(found.get_absolute_url())


@needs(Verb.RESPOND)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer it no longer."""
    found = _swap_or_404(pk)
    if not _may_withdraw(person_of(request), found):
        raise NotAllowed(_("Only whoever offers a shift, or a manager, withdraws the offer."))
    actions.withdraw_swap(found, actor=person_of(request), at=timezone.now())
    messages.success(request, _("The offer is withdrawn."))
    return redirect(found.get_absolute_url())


def _swap_or_404(pk: int) -> Swap:
    rows = Swap.objects.select_related("schedule", "person", "offered_to", "taken_by", "absence")
    return get_object_or_404(rows, pk=pk)


def _may_withdraw(person: User, found: Swap) -> bool:
    return person.pk == found.person_id or person.can_configure


def _from_now(shift: Shift, at: datetime) -> Shift:
    return Shift(
        shift.schedule, shift.person, shift.duty, max(shift.starts_at, at.replace(second=0, microsecond=0)),
        shift.ends_at, shift.why, shift.rotation, shift.override,
    )  # fmt: skip


def _returnable(mine: list[Shift], person: User, at: datetime) -> list[Shift]:
    """What others hold of the same schedules: it may be taken in return."""
    schedules: dict[int, Schedule] = {shift.schedule.pk: shift.schedule for shift in mine}
    return [
        shift
        for schedule in schedules.values()
        for shift in queries.shifts(schedule, since=at, until=at + AHEAD)
        if shift.person.pk != person.pk and shift.starts_at > at and shift.person.can_respond
    ]


def _asked(request: HttpRequest, mine: list[Shift]) -> dict[str, Any]:
    """The shift that was clicked (?shift=), or the only one there is."""
    known = {key_of(shift) for shift in mine}
    asked = request.GET.get("shift", "")
    return {"shift": asked if asked in known else (known.pop() if len(known) == 1 else "")}
