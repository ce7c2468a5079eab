"""A schedule's calendar as its page shows it: rulers for wide screens, days for phones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import look
from oncall import calendar, coverage, queries
from oncall.calendar import Ruler, Span
from oncall.models import Duty, Schedule
from oncall.queries import Shift
from oncall.wallclock import shown

BEYOND = timedelta(days=35)  # so far beyond the window is looked, to tell where a shift really begins and ends


@dataclass(frozen=True)
class Calendar:
    """Everything a calendar's template draws. `before` and `after` are the days that the arrows lead to."""

    view: str
    title: str
    day: date
    before: date
    after: date
    rulers: Sequence[Ruler]
    days: Sequence[tuple[date, Sequence[Shift]]]
    is_empty: bool


def calendar_of(schedule: Schedule, *, view: str, day: date, zone: ZoneInfo, now: datetime) -> Calendar:
    """The week or month of `day`, on the wall clock of `zone`."""
    weeks = calendar.weeks_of_month(day) if view == "month" else [calendar.week_of(day)]
    opens, closes = calendar.window(weeks[0][0], weeks[-1][1], zone)[0], calendar.window(*weeks[-1], zone)[1]
    since, until = opens - BEYOND, closes + BEYOND
    book = queries.book_of(schedule, since=since, until=until)
    held = book.held(since, until, now)
    shifts = {
        duty: [book.shift(each) for each in held.get(duty, []) if each.starts_at < closes and each.ends_at > opens]
        for duty in Duty
    }
    has_secondary = bool(shifts[Duty.SECONDARY]) or any(turns.duty == Duty.SECONDARY for turns in book.turns)
    lanes = []
    for duty in Duty if has_secondary else [Duty.PRIMARY]:
        gaps = coverage.gaps(held.get(duty, []), duty, since=max(opens, now), until=max(closes, now))
        spans = [*(_span(each, zone) for each in shifts[duty]), *(_gap(schedule, gap, zone) for gap in gaps)]
        lanes.append((str(duty.label), "result", spans))
    if view == "week":
        laid = [each for duty in shifts.values() for each in duty if each.override is not None]
        if laid:
            lanes.append((_("Overrides"), "override", [_span(each, zone) for each in laid if each.duty == Duty.PRIMARY]
                          + [_span(each, zone) for each in laid if each.duty == Duty.SECONDARY]))  # fmt: skip
        for name, _duty, own in queries.layers(book, since, until):
            lanes.append((name, "layer", [_span(each, zone) for each in own]))
    rulers = [calendar.ruler(*calendar.window(*week, zone), lanes, now=now) for week in weeks]
    everyone = sorted((each for duty in shifts.values() for each in duty), key=lambda each: (each.starts_at, each.duty))
    days = [
        (key, list(own))
        for key, own in groupby(everyone, key=lambda each: shown(max(each.starts_at, opens), zone).date())
    ]
    if view == "month":
        first, beyond = calendar.month_of(day)
        title, before, after = date_format(first, _("F Y")), (first - timedelta(days=1)).replace(day=1), beyond
    else:
        monday, beyond = weeks[0]
        title = _("%(from)s to %(to)s") % {
            "from": date_format(monday, _("j M")), "to": date_format(beyond - timedelta(days=1), _("j M Y")),
        }  # fmt: skip
        before, after = monday - timedelta(days=7), beyond
    return Calendar(view, title, day, before, after, rulers, days, not everyone and not book.turns)


def override_address(schedule: Schedule, duty: str, starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """The form of an override, prefilled."""
    query = {"duty": str(duty), "from": f"{shown(starts_at, zone):%Y-%m-%dT%H:%M}",
             "until": f"{shown(ends_at, zone):%Y-%m-%dT%H:%M}"}  # fmt: skip
    return f"{reverse('oncall:new-override', args=[schedule.slug])}?{urlencode(query)}"


def _span(shift: Shift, zone: ZoneInfo) -> Span:
    words = {
        "person": shift.person, "duty": shift.duty.label, "from": _moment(shift.starts_at, zone),
        "until": _moment(shift.ends_at, zone), "why": shift.why,
    }  # fmt: skip
    return Span(
        shift.starts_at,
        shift.ends_at,
        str(shift.person),
        shift.person.initials,
        look.face(shift.person.pk),
        _("%(person)s, %(duty)s, %(from)s to %(until)s (%(why)s)") % words,
        override_address(shift.schedule, shift.duty, shift.starts_at, shift.ends_at, zone),
        shift.override is not None,
    )


def _gap(schedule: Schedule, gap: coverage.Gap, zone: ZoneInfo) -> Span:
    words = {
        "duty": Duty(gap.duty).label.lower(),
        "from": _moment(gap.starts_at, zone),
        "until": _moment(gap.ends_at, zone),
    }
    title = _("Nobody is %(duty)s from %(from)s to %(until)s") % words
    address = override_address(schedule, gap.duty, gap.starts_at, gap.ends_at, zone)
    return Span(gap.starts_at, gap.ends_at, "", "", 0, title, address)


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return date_format(moment.astimezone(zone), _("D j M, H:i"))
