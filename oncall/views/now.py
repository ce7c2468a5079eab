"""Who is on call everywhere, and when I am."""

from datetime import timedelta
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import needs, person_of
from oncall import queries
from oncall.models import Schedule

MINE_AHEAD = timedelta(weeks=8)
MINE_SHOWN = 12
UNCOVERED_AHEAD = timedelta(weeks=4)


@needs()
def now(request: HttpRequest) -> HttpResponse:
    """The page "On call"."""
    at, person = timezone.now(), person_of(request)
    standings = queries.standings(Schedule.objects.select_related("team"), at=at)
    rows = [(schedule, list(both)) for schedule, both in groupby(standings, key=lambda each: each.schedule)]
    mine = queries.shifts_of(person, since=at, until=at + MINE_AHEAD)
    context = {
        "rows": rows,
        "holding": [shift for shift in mine if shift.starts_at <= at],
        "coming": [shift for shift in mine if shift.starts_at > at][:MINE_SHOWN],
        "uncovered": queries.uncovered([schedule for schedule, _both in rows], since=at, until=at + UNCOVERED_AHEAD),
        "away": queries.away(at),
        "takes_turns": bool(mine),
        "at": at,
    }
    return render(request, "oncall/now.html", context)
