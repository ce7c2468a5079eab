"""Working hours: when a severity of low urgency may page. Pure.

Monday to Friday from 09:00 until 17:00, half-open, by the clock on the wall of the zone given.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oncall import wallclock

OPENS, CLOSES = time(9), time(17)
DAYS = range(5)  # Monday to Friday


def is_open(at: datetime, zone: ZoneInfo) -> bool:
    """Whether `at` lies within working hours."""
    opens, closes = _hours(wallclock.shown(at, zone).date(), zone)
    return opens is not None and opens <= at < closes


def first_open(at: datetime, zone: ZoneInfo) -> datetime:
    """`at` itself within working hours, else the first moment of the next ones."""
    if is_open(at, zone):
        return at
    day = wallclock.shown(at, zone).date()
    while True:
        opens, _closes = _hours(day, zone)
        if opens is not None and opens > at:
            return opens
        day += timedelta(days=1)


def _hours(day: date, zone: ZoneInfo) -> tuple[datetime | None, datetime]:
    closes = wallclock.moment(datetime.combine(day, CLOSES), zone)
    if day.weekday() not in DAYS:
        return None, closes
    opens = wallclock.moment(datetime.combine(day, OPENS), zone)
    return (opens if opens < closes else None), closes
