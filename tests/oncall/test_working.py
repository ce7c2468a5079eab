"""When a severity of low urgency may page."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from oncall import working

LONDON, BERLIN = ZoneInfo("Europe/London"), ZoneInfo("Europe/Berlin")


def utc(day: int, hour: int, minute: int = 0, *, month: int = 1) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "open_from"),
    [
        (utc(5, 9), utc(5, 9)),  # Monday 09:00 is within
        (utc(5, 8, 59), utc(5, 9)),
        (utc(5, 16, 59), utc(5, 16, 59)),
        (utc(5, 17), utc(6, 9)),  # 17:00 is not
        (utc(9, 17), utc(12, 9)),  # Friday evening
        (utc(10, 5, 37), utc(12, 9)),  # Saturday morning
        (utc(11, 12), utc(12, 9)),
    ],
)
def test_monday_to_friday_from_nine_until_five_half_open(at: datetime, open_from: datetime) -> None:
    assert working.first_open(at, LONDON) == open_from
    assert working.is_open(at, LONDON) == (at == open_from)


def test_the_wall_clock_of_the_zone_decides_also_across_a_change_of_the_clocks() -> None:
    assert working.first_open(utc(5, 7), BERLIN) == utc(5, 8)
    assert working.first_open(utc(28, 12, month=3), BERLIN) == utc(30, 7, month=3)  # summer time began on Sunday


def test_a_day_that_a_zone_skipped_has_no_hours() -> None:
    apia = ZoneInfo("Pacific/Apia")  # there was no Friday, 30 December 2011
    assert working.first_open(datetime(2011, 12, 30, 9, tzinfo=UTC), apia) == datetime(2012, 1, 1, 19, tzinfo=UTC)
