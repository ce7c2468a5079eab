"""When a person's quiet hours end. Pure."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def ends_at(at: datetime, *, starts: time, ends: time, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours around `at` end, by the clock of `zone`; None where `at` lies outside of them.

    From 22:00 to 07:00 spans midnight. An end that a clock change skips comes as soon as that clock is past it."""
    local = at.astimezone(zone)
    clock = local.time().replace(tzinfo=None)
    is_over_night = starts > ends
    is_quiet = (clock >= starts or clock < ends) if is_over_night else starts <= clock < ends
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1) if is_over_night and clock >= starts else local.date()
    end = datetime.combine(day, ends, tzinfo=zone).astimezone(UTC)
    return end if end > at else end + timedelta(hours=1)  # the hour that comes twice
