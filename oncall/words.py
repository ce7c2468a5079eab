"""Rotations, waits and hours in words."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import moments
from oncall.models import Rotation, Turn

MONDAY = date(2026, 1, 5)


def day_name(weekday: int) -> str:
    """ "Mon" for 0."""
    return date_format(MONDAY + timedelta(days=weekday), "D")


def turns(row: Rotation) -> str:
    """ "Every week, Monday at 10:00"."""
    number, clock = row.turn_length, f"{row.handoff_time:%H:%M}"
    if row.turn == Turn.WEEKS:
        every = ngettext("Every week", "Every %(number)d weeks", number) % {"number": number}
        return _("%(every)s, %(day)s at %(clock)s") % {
            "every": every,
            "day": date_format(row.starts_on, "l"),
            "clock": clock,
        }
    if row.turn == Turn.MONTHS:
        every = ngettext("Every month", "Every %(number)d months", number) % {"number": number}
        day = row.starts_on.day
        words = (
            _("%(every)s, on day %(day)d at %(clock)s")
            if day < 29
            else _("%(every)s, on day %(day)d or the last one, at %(clock)s")
        )
        return words % {"every": every, "day": day, "clock": clock}
    if row.turn == Turn.DAYS:
        every = ngettext("Every day", "Every %(number)d days", number) % {"number": number}
        return _("%(every)s at %(clock)s") % {"every": every, "clock": clock}
    every = ngettext("Every hour", "Every %(number)d hours", number) % {"number": number}
    return _("%(every)s, counted from %(clock)s") % {"every": every, "clock": clock}


def order(row: Rotation) -> str:
    """ "Ann + Ben → Cat": the order of turns, with those who hold one together; empty for nobody."""
    places = groupby(row.members.all(), lambda member: member.position)
    return " → ".join(" + ".join(str(member.person) for member in place) for _position, place in places)


def hours(restrictions: Sequence[dict[str, Any]]) -> str:
    """ "Mon–Fri 09:00–17:00; Sat, Sun 00:00–24:00"; empty for always."""
    return "; ".join(
        f"{days(each['weekdays'])} {each['from']}–{_closing(each['until'])}{_holidays(each.get('holidays', ''))}"
        for each in restrictions
    )


def days(weekdays: Sequence[int]) -> str:
    """ "Mon–Fri", "Sat, Sun", "every day"."""
    chosen = sorted(weekdays)
    if not chosen or len(chosen) == 7:
        return _("every day")
    if len(chosen) > 2 and chosen[-1] - chosen[0] == len(chosen) - 1:
        return f"{day_name(chosen[0])}–{day_name(chosen[-1])}"
    return ", ".join(day_name(day) for day in chosen)


def wait(seconds: int) -> str:
    """ "5 min"; "at once" for nothing."""
    return moments.duration(seconds) if seconds else _("no wait")


def _holidays(word: str) -> str:
    if not word:
        return ""
    return " " + (_("(on public holidays only)") if word == "only" else _("(not on public holidays)"))


def _closing(clock: str) -> str:
    return "24:00" if clock == "00:00" else clock
