"""Turns, layers, hours and overrides, compared with a model that looks at one moment at a time."""

import zoneinfo
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncall import coverage, rotation
from oncall.rotation import Hours, Laid, Turns
from oncall.wallclock import moment, shown
from tests.oncall.reference import Reference, first_time_shown

MINUTE = timedelta(minutes=1)
ZONES = sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})
TRICKY = [
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Gaza",
    "Antarctica/Troll", "Asia/Kathmandu", "Pacific/Apia", "America/St_Johns", "Asia/Tehran", "UTC", "Africa/Cairo",
    "America/Havana", "Pacific/Chatham", "America/Nuuk",
]  # fmt: skip
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def wall(text: str) -> datetime:
    """What a clock on a wall shows."""
    return datetime.fromisoformat(text)


def at(text: str, zone: str = "UTC") -> datetime:
    """A moment by its wall-clock time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def weekly(people: tuple[int, ...] = (1, 2, 3), **changes: object) -> Turns:
    values: dict[str, object] = {
        "key": 1, "duty": "primary", "layer": 0, "zone": ZoneInfo("Europe/Berlin"), "turn": "weeks", "turn_length": 1,
        "handoff": time(10), "starts_on": date(2026, 1, 5), "places": tuple((person,) for person in people),
    }  # fmt: skip
    return Turns(**{**values, **changes})  # type: ignore[arg-type]


def told(
    rotations: list[Turns], since: str, until: str, overrides: tuple[Laid, ...] = ()
) -> list[tuple[int, str, str]]:
    """Primary shifts as (person, from, until) on Berlin's wall clock."""
    zone = ZoneInfo("Europe/Berlin")
    found = rotation.shifts(rotations, overrides, since=at(since, zone.key), until=at(until, zone.key))
    return [(each.person, f"{shown(each.starts_at, zone):%m-%d %H:%M}", f"{shown(each.ends_at, zone):%m-%d %H:%M}")
            for each in found.get("primary", [])]  # fmt: skip


# The wall clock


def test_a_handoff_at_a_skipped_time_is_at_the_moment_of_the_jump() -> None:
    assert moment(wall("2026-03-29T02:30"), ZoneInfo("Europe/Berlin")) == at("2026-03-29T01:00")
    assert moment(wall("2026-10-04T02:15"), ZoneInfo("Australia/Lord_Howe")) == at("2026-10-03T15:30")


def test_a_handoff_at_a_time_that_comes_twice_is_at_the_first() -> None:
    assert moment(wall("2026-10-25T02:30"), ZoneInfo("Europe/Berlin")) == at("2026-10-25T00:30")
    assert moment(wall("2026-04-05T01:45"), ZoneInfo("Australia/Lord_Howe")) == at("2026-04-04T14:45")


def test_a_day_that_was_left_out_begins_with_the_next_one() -> None:
    assert moment(wall("2011-12-30T10:00"), ZoneInfo("Pacific/Apia")) == at("2011-12-30T10:00")


@FEW
@given(st.sampled_from(TRICKY), st.datetimes(wall("2005-01-01T00:00"), wall("2040-01-01T00:00")))
def test_a_wall_clock_time_is_the_first_moment_that_shows_it_or_later(zone: str, time_shown: datetime) -> None:
    time_shown = time_shown.replace(second=0, microsecond=0)
    assert moment(time_shown, ZoneInfo(zone)) == first_time_shown(time_shown, ZoneInfo(zone))


@pytest.mark.parametrize("zone", TRICKY)
def test_every_minute_around_each_change_of_the_clocks_is_judged_alike(zone: str) -> None:
    here = ZoneInfo(zone)
    hour, last = datetime(2026, 1, 1, tzinfo=UTC), None
    jumps = []
    while hour.year == 2026:
        if last is not None and hour.astimezone(here).utcoffset() != last:
            jumps.append(hour)
        last = hour.astimezone(here).utcoffset()
        hour += timedelta(hours=1)
    for jump in jumps:
        walls = [shown(jump, here) + timedelta(minutes=step) for step in range(-150, 150, 15)]
        moments = [moment(each, here) for each in walls]
        assert moments == [first_time_shown(each, here) for each in walls]
        assert moments == sorted(moments)


# Turns


def test_people_take_weekly_turns_at_the_handoff_on_the_wall_clock_across_the_change_of_the_clocks() -> None:
    assert told([weekly()], "2026-03-16T00:00", "2026-04-07T00:00") == [
        (1, "03-16 00:00", "03-16 10:00"),
        (2, "03-16 10:00", "03-23 10:00"),
        (3, "03-23 10:00", "03-30 10:00"),
        (1, "03-30 10:00", "04-06 10:00"),
        (2, "04-06 10:00", "04-07 00:00"),
    ]


def test_a_week_is_169_hours_long_when_the_clocks_go_back() -> None:
    held = rotation.shifts([weekly()], [], since=at("2026-10-19T08:00"), until=at("2026-10-26T09:00"))["primary"]
    assert [each.ends_at - each.starts_at for each in held] == [timedelta(hours=169)]


def test_twelve_hour_turns_stay_at_nine_and_twenty_one_and_last_eleven_hours_once() -> None:
    nights = weekly((1, 2), turn="hours", turn_length=12, handoff=time(9), starts_on=date(2026, 3, 28))
    held = rotation.shifts([nights], [], since=at("2026-03-28T08:00"), until=at("2026-03-29T19:00"))["primary"]
    assert [(each.person, (each.ends_at - each.starts_at).total_seconds() / 3600) for each in held] == [
        (1, 12), (2, 11), (1, 12),
    ]  # fmt: skip


def test_nobody_is_on_call_before_the_first_handoff_and_from_the_end_on() -> None:
    short = weekly(ends_on=date(2026, 1, 14))
    assert told([short], "2026-01-01T00:00", "2026-02-01T00:00") == [
        (1, "01-05 10:00", "01-12 10:00"),
        (2, "01-12 10:00", "01-14 10:00"),
    ]


def test_a_rotation_without_people_holds_nothing() -> None:
    assert told([weekly(())], "2026-01-05T00:00", "2026-02-01T00:00") == []


def test_the_same_person_may_stand_twice_in_the_order() -> None:
    assert [each[0] for each in told([weekly((1, 2, 1))], "2026-01-05T10:00", "2026-02-02T10:00")] == [1, 2, 1, 1]


def test_a_leavers_turns_fall_to_the_next_in_line_and_nobody_elses_turn_moves() -> None:
    assert rotation.standing_in(((1,), (2,), (3,), (4,)), {1, 3, 4}) == ((1,), (3,), (3,), (4,))
    assert rotation.standing_in(((1,), (2,), (3,)), {2}) == ((2,), (2,), (2,))
    assert rotation.standing_in(((1,), (2,)), set()) == ()


def test_a_leavers_turn_stays_with_whoever_shares_it() -> None:
    assert rotation.standing_in(((1, 2), (3, 4)), {2}) == ((2,), (2,))
    assert rotation.standing_in(((1, 2), (3, 4)), {2, 3, 4}) == ((2,), (3, 4))


def test_several_people_hold_one_shift_together() -> None:
    pairs = weekly(places=((1, 2), (3, 4)))
    assert told([pairs], "2026-01-05T10:00", "2026-01-19T10:00") == [
        (1, "01-05 10:00", "01-12 10:00"), (2, "01-05 10:00", "01-12 10:00"),
        (3, "01-12 10:00", "01-19 10:00"), (4, "01-12 10:00", "01-19 10:00"),
    ]  # fmt: skip


def test_a_higher_layer_cuts_everybody_who_shares_a_shift() -> None:
    noon = weekly((7,), key=2, layer=1, hours=(Hours(frozenset({1}), time(12), time(13)),))
    assert told([weekly(places=((1, 2),)), noon], "2026-01-06T00:00", "2026-01-07T00:00") == [
        (1, "01-06 00:00", "01-06 12:00"), (2, "01-06 00:00", "01-06 12:00"),
        (7, "01-06 12:00", "01-06 13:00"),
        (1, "01-06 13:00", "01-07 00:00"), (2, "01-06 13:00", "01-07 00:00"),
    ]  # fmt: skip


# Months


def test_a_turn_of_months_begins_on_the_same_day_and_on_the_last_one_of_a_short_month() -> None:
    monthly = weekly((1, 2, 3, 4), turn="months", starts_on=date(2026, 1, 31))
    assert told([monthly], "2026-01-31T10:00", "2026-05-31T10:00") == [
        (1, "01-31 10:00", "02-28 10:00"), (2, "02-28 10:00", "03-31 10:00"),
        (3, "03-31 10:00", "04-30 10:00"), (4, "04-30 10:00", "05-31 10:00"),
    ]  # fmt: skip


def test_a_turn_of_a_year_begins_on_the_last_day_of_february() -> None:
    yearly = weekly((1, 2), turn="months", turn_length=12, starts_on=date(2024, 2, 29))
    assert told([yearly], "2024-02-29T10:00", "2026-02-28T10:00") == [
        (1, "02-29 10:00", "02-28 10:00"), (2, "02-28 10:00", "02-28 10:00"),
    ]  # fmt: skip


# Public holidays


def test_hours_may_leave_public_holidays_out_or_mean_them_alone() -> None:
    off = frozenset({date(2026, 1, 6)})
    every_day = Hours(frozenset(range(7)), time(9), time(17))
    days = weekly((1,), hours=(replace(every_day, holidays="except"),), off=off)
    assert [each[1] for each in told([days], "2026-01-05T10:00", "2026-01-08T00:00")] == ["01-05 10:00", "01-07 09:00"]
    feast = weekly((1,), hours=(replace(every_day, holidays="only"),), off=off)
    assert told([feast], "2026-01-05T10:00", "2026-01-08T00:00") == [(1, "01-06 09:00", "01-06 17:00")]


# Hours of the week


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    nights = weekly((1,), hours=(Hours(frozenset({4}), time(22), time(6)),))
    assert told([nights], "2026-01-05T10:00", "2026-01-19T00:00") == [
        (1, "01-09 22:00", "01-10 06:00"),
        (1, "01-16 22:00", "01-17 06:00"),
    ]


def test_a_weekend_is_one_shift_when_its_days_touch() -> None:
    weekend = weekly((1,), hours=(Hours(frozenset({5, 6}), time(0), time(0)),))
    assert told([weekend], "2026-01-05T10:00", "2026-01-12T10:00") == [(1, "01-10 00:00", "01-12 00:00")]


def test_office_hours_above_and_the_rest_of_the_world_below() -> None:
    office = weekly((7,), key=2, layer=1, hours=(Hours(frozenset(range(5)), time(9), time(17)),))
    assert told([weekly((1,)), office], "2026-01-06T00:00", "2026-01-07T00:00") == [
        (1, "01-06 00:00", "01-06 09:00"),
        (7, "01-06 09:00", "01-06 17:00"),
        (1, "01-06 17:00", "01-07 00:00"),
    ]


# Overrides


def test_an_override_cuts_a_shift_in_two_and_touches_nothing_else() -> None:
    cover = Laid(9, "primary", 5, at("2026-01-07T12:00", "Europe/Berlin"), at("2026-01-08T12:00", "Europe/Berlin"))
    assert told([weekly()], "2026-01-05T10:00", "2026-01-12T10:00", (cover,)) == [
        (1, "01-05 10:00", "01-07 12:00"),
        (5, "01-07 12:00", "01-08 12:00"),
        (1, "01-08 12:00", "01-12 10:00"),
    ]


def test_an_override_fills_a_gap() -> None:
    cover = Laid(9, "primary", 5, at("2026-01-07T12:00"), at("2026-01-08T12:00"))
    assert [each[0] for each in told([], "2026-01-05T10:00", "2026-01-12T10:00", (cover,))] == [5]


# Against the model


@st.composite
def some_turns(draw: st.DrawFn, key: int, zone: ZoneInfo, around: datetime) -> Turns:
    turn = draw(st.sampled_from(["hours", "days", "weeks", "months"]))
    start = around.date() - timedelta(days=draw(st.integers(-2, 12 if turn != "months" else 400)))
    hours = st.builds(
        Hours, st.frozensets(st.integers(0, 6), min_size=1), _quarter_hours(), _quarter_hours(),
        st.sampled_from(["", "", "except", "only"]),
    )  # fmt: skip
    return Turns(
        key=key,
        duty=draw(st.sampled_from(["primary", "primary", "secondary"])),
        layer=draw(st.integers(0, 2)),
        zone=zone,
        turn=turn,
        turn_length=draw(st.integers(1, 26 if turn == "hours" else 3)),
        handoff=draw(_quarter_hours()),
        starts_on=start,
        places=tuple(
            map(tuple, draw(st.lists(st.lists(st.integers(1, 6), min_size=1, max_size=2, unique=True), max_size=4)))
        ),
        first=draw(st.integers(0, 5)),
        ends_on=start + timedelta(days=draw(st.integers(1, 9))) if draw(st.booleans()) else None,
        hours=tuple(draw(st.lists(hours, max_size=2))),
        off=frozenset(around.date() + timedelta(days=day) for day in draw(st.lists(st.integers(-1, 5), max_size=3))),
        since=around + draw(_minutes(-2000, 1000)) if draw(st.booleans()) else None,
        until=around + draw(_minutes(1000, 4000)) if draw(st.booleans()) else None,
    )


@st.composite
def schedules(draw: st.DrawFn) -> tuple[list[Turns], list[Laid], datetime]:
    zone = ZoneInfo(draw(st.sampled_from(TRICKY) | st.sampled_from(ZONES)))
    around = at("2016-02-01T00:00") + timedelta(hours=draw(st.integers(0, 95_000)))
    if draw(st.booleans()):
        around = _next_jump(around, zone) - timedelta(hours=draw(st.integers(0, 40)))
    rotations = [draw(some_turns(key, zone, around)) for key in range(1, draw(st.integers(1, 4)) + 1)]
    overrides, begin = [], around
    for key in range(draw(st.integers(0, 2))):
        begin += draw(_minutes(0, 1500))
        end = begin + draw(_minutes(1, 1500))
        overrides.append(Laid(key, "primary", draw(st.integers(7, 9)), begin, end))
        begin = end
    return rotations, overrides, around


def _together(one: rotation.Held, other: rotation.Held) -> bool:
    return (one.starts_at, one.ends_at) == (other.starts_at, other.ends_at) and one.person != other.person


def _quarter_hours() -> st.SearchStrategy[time]:
    return st.builds(lambda quarters: time(quarters // 4, quarters % 4 * 15), st.integers(0, 95))


def _minutes(low: int, high: int) -> st.SearchStrategy[timedelta]:
    return st.builds(lambda minutes: timedelta(minutes=minutes), st.integers(low, high))


def _next_jump(after: datetime, zone: ZoneInfo) -> datetime:
    at, offset = after, after.astimezone(zone).utcoffset()
    for _day in range(370):
        at += timedelta(days=1)
        if at.astimezone(zone).utcoffset() != offset:
            return at
    return after


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(schedules())
def test_shifts_say_at_every_moment_what_the_model_says(world: tuple[list[Turns], list[Laid], datetime]) -> None:
    rotations, overrides, since = world
    until = since + timedelta(days=4)
    found = rotation.shifts(rotations, overrides, since=since, until=until)
    model = Reference(rotations, overrides)
    edges = {each.starts_at for held in found.values() for each in held}
    edges |= {each.ends_at for held in found.values() for each in held}
    looked = {since + timedelta(minutes=step) for step in range(0, 4 * 1440, 65)}
    looked |= {edge + nudge for edge in edges for nudge in (-MINUTE, timedelta(0))}
    for duty in ("primary", "secondary"):
        held = found.get(duty, [])
        assert all(each.starts_at < each.ends_at for each in held)
        assert all(one.ends_at <= other.starts_at or _together(one, other) for one, other in pairwise(held))
        for look in sorted(looked):
            if since <= look < until:
                holders = [each.person for each in held if each.starts_at <= look < each.ends_at]
                assert holders == model.holders(duty, look), (duty, look)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(schedules(), st.integers(1, 5000))
def test_a_window_looked_at_in_two_halves_is_the_same_window(
    world: tuple[list[Turns], list[Laid], datetime], minutes: int
) -> None:
    rotations, overrides, since = world
    until, middle = since + timedelta(days=4), since + timedelta(minutes=minutes)
    whole = rotation.shifts(rotations, overrides, since=since, until=until)
    first = rotation.shifts(rotations, overrides, since=since, until=middle)
    second = rotation.shifts(rotations, overrides, since=middle, until=until)
    for duty in whole:
        halves = [*first.get(duty, []), *second.get(duty, [])]
        assert rotation.joined(halves) == rotation.joined(whole[duty])


@pytest.mark.parametrize("zone", ZONES[:: max(1, len(ZONES) // 120)])
def test_ten_years_of_weeks_have_one_holder_at_every_moment_and_the_handoff_at_ten(zone: str) -> None:
    here = ZoneInfo(zone)
    turns = weekly((1, 2, 3, 4, 5, 6), zone=here, starts_on=date(2026, 1, 5))
    held = rotation.shifts([turns], [], since=rotation.begins_at(turns), until=at("2036-01-01T00:00"))["primary"]
    assert all(one.ends_at == other.starts_at for one, other in pairwise(held))
    assert {shown(each.starts_at, here).strftime("%a %H:%M") for each in held} == {"Mon 10:00"}
    assert [each.person for each in held[:8]] == [1, 2, 3, 4, 5, 6, 1, 2]


# Coverage


def test_gaps_are_found_before_between_and_after() -> None:
    nights = weekly((1,), hours=(Hours(frozenset(range(7)), time(18), time(8)),))
    since, until = at("2026-01-06T12:00"), at("2026-01-07T12:00")
    held = rotation.shifts([nights], [], since=since, until=until)
    found = coverage.gaps(held["primary"], "primary", since=since, until=until)
    assert [(each.starts_at, each.ends_at) for each in found] == [
        (since, at("2026-01-06T17:00")), (at("2026-01-07T07:00"), until),
    ]  # fmt: skip


def test_no_holder_at_all_is_one_gap() -> None:
    since, until = at("2026-01-06T12:00"), at("2026-01-07T12:00")
    assert coverage.gaps([], "primary", since=since, until=until) == [coverage.Gap("primary", since, until)]


def test_one_person_in_both_duties_is_found() -> None:
    secondary = weekly((2, 2, 4), key=2, duty="secondary")
    held = rotation.shifts([weekly(), secondary], [], since=at("2026-01-05T09:00"), until=at("2026-01-26T09:00"))
    assert coverage.twice(held) == [coverage.Twice(2, at("2026-01-12T09:00"), at("2026-01-19T09:00"))]
