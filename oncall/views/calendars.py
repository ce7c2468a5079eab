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

from accounts.models import User
from core import look
from oncall import calendar, coverage, queries
from oncall.calendar import Ruler, Span
from oncall.models import Duty, RotationMember, Schedule
from oncall.queries import Shift
from oncall.rotation import Held
from oncall.wallclock import shown

BEYOND = timedelta(days=35)  # so far beyond the window is looked, to tell where a shift really begins and ends


@dataclass(frozen=True)
class Calendar:
    """Everything a calendar's template draws. `before` and `after` are the days that the arrows lead to; `people` with
    their shifts and hours stand in place of `days` where the calendar is told by person."""

    view: str
    title: str
    day: date
    before: date
    after: date
    rulers: Sequence[Ruler]
    days: Sequence[tuple[date, Sequence[Shift]]]
    people: Sequence[tuple[User, Sequence[Shift], int]]
    is_empty: bool


def calendar_of(schedule: Schedule, *, view: str, day: date, zone: ZoneInfo, now: datetime) -> Calendar:
    """The day, week or month of `day`, or four weeks told by person, on the wall clock of `zone`."""
    parts, title, before, after = _parts(view, day)
    opens, closes = calendar.window(parts[0][0], parts[-1][1], zone)[0], calendar.window(*parts[-1], zone)[1]
    since, until = opens - BEYOND, closes + BEYOND
    book = queries.book_of(schedule, since=since, until=until)
    held = book.held(since, until, now)
    shifts = {
        duty: [book.shift(each) for each in held.get(duty, []) if each.starts_at < closes and each.ends_at > opens]
        for duty in Duty
    }
    everyone = sorted((each for duty in shifts.values() for each in duty), key=lambda each: (each.starts_at, each.duty))
    people = _by_person(schedule, everyone, opens, closes) if view == "people" else []
    if view == "people":
        lanes = [(str(person), "person", [_span(each, zone, name=str(each.duty.label)) for each in own])
                 for person, own, _hours in people]  # fmt: skip
    else:
        lanes = _lanes(book, shifts, held, window=(since, opens, closes, until), zone=zone, now=now)
        lanes = [lane for lane in lanes if view != "month" or lane[1] == "result"]
    rulers = [calendar.ruler(*calendar.window(*part, zone), lanes, now=now) for part in parts]
    days = [
        (key, list(own))
        for key, own in groupby(everyone, key=lambda each: shown(max(each.starts_at, opens), zone).date())
    ]
    is_empty = not everyone and not book.turns and not book.shadows
    return Calendar(view, title, day, before, after, rulers, days, people, is_empty)


def _parts(view: str, day: date) -> tuple[list[tuple[date, date]], str, date, date]:
    """The stretches of days that are drawn, one ruler each; the title; and where the arrows lead."""
    one = timedelta(days=1)
    if view == "day":
        return [(day, day + one)], date_format(day, _("l, j F Y")), day - one, day + one
    if view == "month":
        first, beyond = calendar.month_of(day)
        return calendar.weeks_of_month(day), date_format(first, _("F Y")), (first - one).replace(day=1), beyond
    monday, beyond = calendar.week_of(day)
    if view == "people":
        beyond = monday + timedelta(weeks=4)
    title = _("%(from)s to %(to)s") % {
        "from": date_format(monday, _("j M")), "to": date_format(beyond - one, _("j M Y")),
    }  # fmt: skip
    return [(monday, beyond)], title, monday - (beyond - monday), beyond


def _lanes(
    book: queries.Book, shifts: dict[Duty, list[Shift]], held: dict[str, list[Held]], *,
    window: tuple[datetime, datetime, datetime, datetime], zone: ZoneInfo, now: datetime,
) -> list[tuple[str, str, list[Span]]]:  # fmt: skip
    since, opens, closes, until = window
    has_secondary = bool(shifts[Duty.SECONDARY]) or any(turns.duty == Duty.SECONDARY for turns in book.turns)
    lanes = []
    for duty in Duty if has_secondary else [Duty.PRIMARY]:
        gaps = coverage.gaps(held.get(duty, []), duty, since=max(opens, now), until=max(closes, now))
        spans = [*_spans(shifts[duty], zone), *(_gap(book.schedule, gap, zone) for gap in gaps)]
        lanes.append((str(duty.label), "result", spans))
    laid = [each for duty in shifts.values() for each in duty if each.override is not None]
    if laid:
        lanes.append((_("Overrides"), "override", [_span(each, zone) for each in laid]))
    for name, _duty, own in queries.layers(book, since, until):
        lanes.append((name, "layer", _spans(own, zone)))
    return lanes


def _spans(shifts: Sequence[Shift], zone: ZoneInfo) -> list[Span]:
    """One span for each shift; those who hold one together stand in one span."""
    found = []
    for _period, group in groupby(shifts, key=lambda each: (each.starts_at, each.ends_at, each.rotation)):
        together = list(group)
        found.append(_span(together[0], zone, name=" + ".join(str(each.person) for each in together)))
    return found


def _by_person(
    schedule: Schedule, shifts: Sequence[Shift], opens: datetime, closes: datetime
) -> list[tuple[User, list[Shift], int]]:
    """Everybody of the schedule with their shifts and the hours of them within [opens, closes), by name."""
    people = {each.person.pk: each.person for each in shifts}
    members = RotationMember.objects.filter(rotation__in=schedule.rotations.in_force(), person__is_active=True)
    people |= {member.person_id: member.person for member in members.select_related("person")}
    found = []
    for key, person in sorted(people.items(), key=lambda each: str(each[1])):
        own = [each for each in shifts if each.person.pk == key]
        held = sum(((min(each.ends_at, closes) - max(each.starts_at, opens)) for each in own), timedelta())
        found.append((person, own, round(held / timedelta(hours=1))))
    return found


def override_address(schedule: Schedule, duty: str, starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """The form of an override, prefilled."""
    query = {"duty": str(duty), "from": f"{shown(starts_at, zone):%Y-%m-%dT%H:%M}",
             "until": f"{shown(ends_at, zone):%Y-%m-%dT%H:%M}"}  # fmt: skip
    return f"{reverse('oncall:new-override', args=[schedule.slug])}?{urlencode(query)}"


def _span(shift: Shift, zone: ZoneInfo, *, name: str = "") -> Span:
    words = {
        "person": shift.person, "duty": shift.duty.label, "from": _moment(shift.starts_at, zone),
        "until": _moment(shift.ends_at, zone), "why": shift.why,
    }  # fmt: skip
    return Span(
        shift.starts_at,
        shift.ends_at,
        name or str(shift.person),
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
