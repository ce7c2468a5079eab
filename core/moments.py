"""Moments and spans as words for readers. Pure: the caller gives `now`; static/js/time.js says the same words."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

MINUTE, HOUR, DAY = 60, 3600, 86400
FIRST_YEAR, LAST_YEAR = 1990, 2150


def reckonable(moment: date) -> None:
    """Refuse a day or a moment in which no zone and no sum could be reckoned. A validator of forms and of the API."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        is_moment = isinstance(moment, datetime)
        raise ValidationError(
            _("Give a moment between 1990 and 2150.") if is_moment else _("Give a day between 1990 and 2150.")
        )


@dataclass(frozen=True)
class Words:
    """The sentences of relative time, `%s` standing for the number."""

    now: str
    soon: str
    ago_min: str
    ago_h: str
    ago_d: str
    in_min: str
    in_h: str
    in_d: str
    days: str
    late: str


def words() -> Words:
    """In the language now active."""
    return Words(
        now=_("just now"),
        soon=_("in a moment"),
        ago_min=_("%s min ago"),
        ago_h=_("%s h ago"),
        ago_d=_("%s d ago"),
        in_min=_("in %s min"),
        in_h=_("in %s h"),
        in_d=_("in %s d"),
        days=pgettext("a clock that counts days", "%s d"),
        late=_("%s late"),
    )


def exact(moment: datetime) -> str:
    """The moment in the reader's zone, to the second, with the zone's name."""
    local = localtime(moment)
    return f"{date_format(local, _('j M Y, H:i:s'))} {local.tzname()}"


def short(moment: datetime, now: datetime) -> str:
    """Day and time in the reader's zone; the year only where it is another one."""
    local, here = localtime(moment), localtime(now)
    if local.date() == here.date():
        return date_format(local, "H:i")
    return date_format(local, _("j M, H:i") if local.year == here.year else _("j M Y, H:i"))


def day(moment: datetime, now: datetime) -> str:
    """The day in the reader's zone; the year only where it is another one."""
    local = localtime(moment)
    return date_format(local, _("j M") if local.year == localtime(now).year else _("j M Y"))


def relative(moment: datetime, now: datetime) -> str:
    """ "4 min ago", "in 2 h"; the day itself beyond a fortnight."""
    seconds = round((now - moment).total_seconds())
    say, size = words(), abs(seconds)
    if size < 45:
        return say.now if seconds >= 0 else say.soon
    if size < 90 * MINUTE:
        number, past, future = max(1, (size + 30) // MINUTE), say.ago_min, say.in_min
    elif size < 36 * HOUR:
        number, past, future = (size + HOUR // 2) // HOUR, say.ago_h, say.in_h
    else:
        number, past, future = (size + DAY // 2) // DAY, say.ago_d, say.in_d
        if number > 14:
            return day(moment, now)
    return (past if seconds >= 0 else future) % number


def clock(span: timedelta) -> str:
    """A running clock: "41:07", "3:41:07", "2 d 3:41:07"."""
    size = abs(int(span.total_seconds()))
    days, hours, minutes, seconds = size // DAY, size // HOUR % 24, size // MINUTE % 60, size % MINUTE
    time = f"{hours}:{minutes:02}:{seconds:02}" if days or hours else f"{minutes:02}:{seconds:02}"
    return f"{words().days % days} {time}" if days else time


def duration(span: timedelta | float | None) -> str:
    """The two biggest units of a span, or of seconds: "45 s", "12 min", "1 h 12 min", "2 d 3 h"; "–" for None."""
    if span is None:
        return "–"
    size = round(abs(span.total_seconds() if isinstance(span, timedelta) else span))
    units = [
        (size // DAY, pgettext("days, short", "d")),
        (size // HOUR % 24, pgettext("hours, short", "h")),
        (size // MINUTE % 60, pgettext("minutes, short", "min")),
        (size % MINUTE, pgettext("seconds, short", "s")),
    ]
    first = next((index for index, (number, _unit) in enumerate(units) if number), 3)
    shown = units[first : first + 1] if first >= 2 else units[first : first + 2]
    return " ".join(f"{number} {unit}" for number, unit in shown if number or len(shown) == 1)
