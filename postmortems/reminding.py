"""When an owner is reminded of a promise: three days before, on the day, and every seven days after. Pure."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BEFORE = timedelta(days=3)
EVERY = timedelta(days=7)
HOUR = time(9)  # in the owner's zone


def next_reminder(due_on: date, *, after: datetime, zone: ZoneInfo) -> datetime:
    """The first reminder after the moment `after`. What was missed is not caught up: one reminder says it all."""
    day = due_on - BEFORE
    while datetime.combine(day, HOUR, zone) <= after:
        if day < due_on:
            day = due_on
        else:
            # Straight to the right week, however long ago that was.
            weeks = max(0, (after.astimezone(zone).date() - day).days // EVERY.days)
            day += EVERY * max(1, weeks)
    return datetime.combine(day, HOUR, zone)
