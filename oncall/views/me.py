"""Me on call: when, what will wake me, am I reachable, and what I offer."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import needs, person_of
from accounts.models import User
from core.middleware import zone_or_utc
from notifications import queries as reach
from notifications.models import Message, MessageKind, MessageState
from oncall import presence, queries
from oncall.actions.trying import send_test_page
from oncall.forms.cover import key_of
from oncall.models import Absence
from oncall.presence import Period
from oncall.queries import Shift
from oncall.wallclock import moment

AHEAD = timedelta(weeks=12)
SHOWN = 10
MONTHS = 3
ARRIVED = [MessageState.SENT, MessageState.DELIVERED]


@needs()
def me(request: HttpRequest) -> HttpResponse:
    """The page "Me on call"."""
    person, at = person_of(request), timezone.now()
    zone = zone_or_utc(person.time_zone)
    months = _months(at, zone)
    mine = queries.shifts_of(person, since=months[0], until=max(months[-1], at + AHEAD))
    ahead = [shift for shift in mine if shift.ends_at > at and shift.starts_at < at + AHEAD]
    pages = Message.objects.filter(person=person, kind__in=[MessageKind.PAGE, MessageKind.TEST], state__in=ARRIVED)
    methods = list(reach.methods_of(person))
    context = {
        "holding": [shift for shift in ahead if shift.starts_at <= at],
        "coming": [(shift, key_of(shift)) for shift in ahead if shift.starts_at > at][:SHOWN],
        "hours": _hours(mine, months),
        "ways": [(urgency, reach.ways_to(person, urgency)) for urgency in ("high", "low")],
        "verified": [method for method in methods if method.verified_at],
        "unverified": [method for method in methods if not method.verified_at],
        "last_page": pages.exclude(sent_at=None).order_by("-sent_at").first(),
        "last_failure": Message.objects.filter(person=person, state=MessageState.FAILED).order_by("-id").first(),
        "for_me": queries.open_swaps_for(person).filter(expires_at__gt=at) if person.can_respond else [],
        "swaps": queries.swaps_of(person, at=at),
        "absences": Absence.objects.standing().filter(person=person, ends_at__gt=at),
        "uncovered": _uncovered(person, mine, at),
    }
    return render(request, "oncall/me.html", context)


@needs()
@require_POST
def test_page(request: HttpRequest) -> HttpResponse:
    """A test page to oneself, now."""
    sent = len(send_test_page(person_of(request), at=timezone.now()))
    words = ngettext("A test page is on its way.", "A test page is on its way by %(n)d ways.", sent)
    messages.success(request, words % {"n": sent} if sent else _("Nothing was sent."))
    return redirect("oncall:me")


def _months(at: datetime, zone: ZoneInfo) -> list[datetime]:
    """The beginnings of this month and of those after it, and the end of the last, in the reader's zone."""
    here = at.astimezone(zone)
    first = here.year * 12 + here.month - 1
    return [
        moment(datetime.combine(date((first + number) // 12, (first + number) % 12 + 1, 1), time()), zone)
        for number in range(MONTHS + 1)
    ]


def _hours(mine: Iterable[Shift], months: list[datetime]) -> list[tuple[datetime, float]]:
    """For each month its beginning, and how many hours the shifts cover in it; two duties at once count once."""
    whole: list[Period] = presence.joined((shift.starts_at, shift.ends_at) for shift in mine)
    return [
        (begin, sum((stop - start).total_seconds() for start, stop in presence.within(whole, (begin, end))) / 3600)
        for begin, end in pairwise(months)
    ]


def _uncovered(person: User, mine: list[Shift], at: datetime) -> list[queries.Uncovered]:
    schedules = {shift.schedule.pk: shift.schedule for shift in mine}.values()
    return [each for each in queries.uncovered(schedules, since=at, until=at + AHEAD) if each.person == person]
