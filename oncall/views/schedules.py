"""Schedules: the list, one with its calendar, and the forms that make, change and remove it."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import needs, person_of
from accounts.models import Team
from accounts.permissions import Verb
from core.middleware import zone_or_utc
from oncall import actions, queries, words
from oncall.forms import NewScheduleForm, ScheduleForm
from oncall.models import EscalationPolicy, Schedule
from oncall.queries import public_holidays
from oncall.views.calendars import calendar_of, override_address
from oncall.views.found import schedule_or_404

COVERAGE_AHEAD = timedelta(weeks=4)
GAPS_SHOWN = 4


@needs()
def schedules(request: HttpRequest) -> HttpResponse:
    """Every schedule with who holds it, and teams that have none yet."""
    at = timezone.now()
    rows = []
    by_schedule: dict[Schedule, list[queries.Standing]] = {}
    for standing in queries.standings(Schedule.objects.select_related("team"), at=at):
        by_schedule.setdefault(standing.schedule, []).append(standing)
    rows = list(by_schedule.items())
    waiting = [
        (team, people)
        for team in Team.objects.filter(schedules=None).prefetch_related("members")
        if len(people := [person for person in team.members.all() if person.is_active]) >= 2
    ]
    return render(request, "oncall/schedules.html", {"rows": rows, "waiting": waiting})


@needs()
def schedule(request: HttpRequest, slug: str) -> HttpResponse:
    """One schedule: who is on call, its calendar, how it comes about, and what is wrong with it."""
    found, at, person = schedule_or_404(slug), timezone.now(), person_of(request)
    zone = zone_or_utc(person.time_zone)
    view = asked if (asked := request.GET.get("view", "")) in {"day", "month", "people"} else "week"
    rotations = found.rotations.in_force().prefetch_related("members__person")
    coverage = queries.coverage_of(found, since=at, until=at + COVERAGE_AHEAD)
    gaps = [(gap, override_address(found, gap.duty, gap.starts_at, gap.ends_at, zone)) for gap in coverage.gaps]
    context = {
        "schedule": found,
        "standings": queries.standings([found], at=at),
        "calendar": calendar_of(found, view=view, day=_day_asked(request, at, zone), zone=zone, now=at),
        "rotations": [(row, words.turns(row), words.hours(row.restrictions), words.order(row)) for row in rotations],
        "overrides": found.overrides.filter(ends_at__gt=at).select_related("person", "created_by"),
        "policies": EscalationPolicy.objects.filter(steps__targets__schedule=found).distinct(),
        "coverage": coverage,
        "uncovered": queries.uncovered([found], since=at, until=at + COVERAGE_AHEAD),
        "gaps": gaps[:GAPS_SHOWN],
        "more_gaps": max(0, len(gaps) - GAPS_SHOWN),
        "today": at.astimezone(zone).date(),
        "holidays": public_holidays.told(found.holidays),
        "zones_differ": zone.key != found.time_zone,
    }
    return render(request, "oncall/schedule.html", context)


@needs(Verb.CONFIGURE)
def new(request: HttpRequest) -> HttpResponse:
    """Make a schedule: by the template of a team, or empty."""
    person, at = person_of(request), timezone.now()
    if request.method != "POST":
        return render(request, "oncall/schedule_new.html", {"form": NewScheduleForm(initial=_first_words(request, at))})
    form = NewScheduleForm(request.POST)
    if not form.is_valid():
        return render(request, "oncall/schedule_new.html", {"form": form}, status=422)
    said = form.cleaned_data
    same = {"time_zone": said["time_zone"], "team": said["team"], "actor": person, "at": at}
    same |= {"description": said["description"], "holidays": said["holidays"]}
    if said["people"]:
        made = actions.add_team_schedule(
            said["name"], people=said["people"], starts_on=said["starts_on"], handoff_time=said["handoff_time"], **same
        )
    else:
        made = actions.add_schedule(said["name"], **same)
    messages.success(request, _("The schedule is saved."))
    return redirect("oncall:schedule", slug=made.slug)


@needs(Verb.CONFIGURE)
@require_POST
def for_team(request: HttpRequest, pk: int) -> HttpResponse:
    """The template of a team, in one click: weekly primary and secondary, Monday 10:00."""
    team, person, at = get_object_or_404(Team, pk=pk), person_of(request), timezone.now()
    people = list(team.members.filter(is_active=True))
    zone = zone_or_utc(person.time_zone)
    made = actions.add_team_schedule(
        team.name, people=people, team=team, time_zone=zone.key, starts_on=_last_monday(at, zone), actor=person, at=at
    )
    messages.success(request, _("The schedule is saved. Change whatever differs in your team."))
    return redirect("oncall:schedule", slug=made.slug)


@needs(Verb.CONFIGURE)
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change a schedule's name, team, zone and description."""
    found = schedule_or_404(slug)
    if request.method == "POST":
        form = ScheduleForm(request.POST, standing=found)
        if form.is_valid():
            actions.change_schedule(found, actor=person_of(request), at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("oncall:schedule", slug=found.slug)
        return render(
            request,
            "oncall/schedule_edit.html",
            {"form": form, "schedule": found},
            status=422,
        )
    initial = {name: getattr(found, name) for name in ("name", "team", "time_zone", "holidays", "description")}
    form = ScheduleForm(initial=initial, standing=found)
    return render(
        request,
        "oncall/schedule_edit.html",
        {"form": form, "schedule": found},
    )


@needs(Verb.CONFIGURE)
@require_POST
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Remove a schedule that no policy calls."""
    found = schedule_or_404(slug)
    actions.remove_schedule(found, actor=person_of(request), at=timezone.now())
    messages.success(request, _("The schedule “%(name)s” is gone.") % {"name": found.name})
    return redirect("oncall:schedules")


def _first_words(request: HttpRequest, at: datetime) -> dict[str, Any]:
    zone = zone_or_utc(person_of(request).time_zone)
    raw = request.GET.get("team", "")
    team = Team.objects.filter(pk=int(raw)).first() if raw.isdecimal() and raw.isascii() and len(raw) < 19 else None
    people = [person.pk for person in team.members.filter(is_active=True)] if team else []
    return {
        "name": team.name if team else "",
        "team": team,
        "people": people,
        "time_zone": zone.key,
        "starts_on": _last_monday(at, zone),
        "handoff_time": "10:00",
    }


def _last_monday(at: datetime, zone: ZoneInfo) -> date:
    """The Monday whose 10:00 has passed, so that somebody is on call at once."""
    here = at.astimezone(zone) - timedelta(hours=10)
    return here.date() - timedelta(days=here.weekday())


def _day_asked(request: HttpRequest, at: datetime, zone: ZoneInfo) -> date:
    """The day of ?on=, or today; a day that is none, or far away, is today."""
    today = at.astimezone(zone).date()
    try:
        asked = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return today
    return asked if date(1990, 1, 1) <= asked <= date(2150, 1, 1) else today
