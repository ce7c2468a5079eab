"""From wall-clock times to moments, right across every change of the clocks. Pure.

One rule decides everything: a wall-clock time means **the first moment at which the clock on that wall shows it, or a
later time**. So

- a time that the clocks skip (02:30 when they go from 02:00 to 03:00, a whole day in Samoa) is the moment of the jump;
- a time that comes twice is the first of the two;
- later wall-clock times never mean earlier moments, so intervals between them never overlap and leave no hole.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MIDNIGHT = time(0)


@lru_cache(maxsize=65536)
def moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment (in UTC) that the wall-clock time `wall`, a datetime without zone, means in `zone`."""
    before = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    for found in sorted((before, after)):
        if shown(found, zone) == wall:
            return found
    # Skipped: in a gap, fold 1 lies before the jump and fold 0 at or after it (PEP 495).
    early, late = after, before
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=int((late - early).total_seconds()) // 2)
        if shown(middle, zone) >= wall:
            late = middle
        else:
            early = middle
    return late


def shown(at: datetime, zone: ZoneInfo) -> datetime:
    """What the wall clock in `zone` shows at the moment `at`, without zone."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def day_starts(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of `day` in `zone`."""
    return moment(datetime.combine(day, MIDNIGHT), zone)
