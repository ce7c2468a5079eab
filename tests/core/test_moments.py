"""Moments as words, and the scripts that keep them fresh."""

from datetime import UTC, datetime, timedelta

import pytest

from core import moments

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(seconds=-20), "in a moment"),
        (timedelta(seconds=50), "1 min ago"),
        (timedelta(minutes=4, seconds=20), "4 min ago"),
        (timedelta(minutes=89), "89 min ago"),
        (timedelta(minutes=91), "2 h ago"),
        (timedelta(hours=-3), "in 3 h"),
        (timedelta(hours=40), "2 d ago"),
        (timedelta(days=20), "1 Nov"),
        (timedelta(days=400), "17 Oct 2025"),
    ],
)
def test_a_moment_is_told_from_now(ago: timedelta, words: str) -> None:
    assert moments.relative(NOW - ago, NOW) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (None, "–"),
        (0, "0 s"),
        (45.4, "45 s"),
        (timedelta(minutes=12, seconds=30), "12 min"),
        (timedelta(hours=1, minutes=12), "1 h 12 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=2, hours=3, minutes=5), "2 d 3 h"),
    ],
)
def test_a_span_is_told_in_its_two_biggest_units(span: timedelta | float | None, words: str) -> None:
    assert moments.duration(span) == words


def test_a_clock_counts_on_into_hours_and_days() -> None:
    assert moments.clock(timedelta(minutes=4, seconds=9)) == "04:09"
    assert moments.clock(timedelta(hours=3, minutes=41, seconds=7)) == "3:41:07"
    assert moments.clock(timedelta(days=2, seconds=5)) == "2 d 0:00:05"
