"""A second independent model: it walks along the clock on a wall for ten years and moves on whenever that clock has
passed a handoff, an opening or a closing. It knows no intervals, and never asks what moment a wall-clock time means."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

from oncall import rotation
from oncall.rotation import Hours, Turns

MINUTE, QUARTER, DAY = timedelta(minutes=1), timedelta(minutes=15), timedelta(days=1)
YEARS = 10
FIRST = date(2026, 1, 5)


def some_rotation(random: Random, zone: ZoneInfo, *, least_hours: int = 8) -> Turns:
    """Any rotation of one person a turn, handed over at any quarter of an hour."""
    turn = random.choice(["hours", "days", "weeks", "weeks", "months"])
    length = random.randint(least_hours, 40) if turn == "hours" else random.randint(1, 3)
    hours = tuple(
        Hours(frozenset(random.sample(range(7), random.randint(1, 7))), _quarter(random), _quarter(random))
        for _ in range(random.choice([0, 0, 1, 2]))
    )
    return Turns(
        key=1, duty="primary", layer=0, zone=zone, turn=turn, turn_length=length, handoff=_quarter(random),
        starts_on=FIRST + timedelta(days=random.randint(0, 27)), hours=hours,
        places=tuple((person,) for person in range(random.randint(1, 6))),
    )  # fmt: skip


def disagreement(turns: Turns, *, years: int = YEARS, step: timedelta | None = None) -> str:
    """The first moment at which the schedule and the walk differ, in words; empty where they never do. Without `step`
    the walk looks at each quarter of an hour of the days on which the clocks change, at every handoff and the minute
    before it, and at each day."""
    since = datetime.combine(turns.starts_on, time(0), UTC) - 2 * DAY
    until = since + timedelta(days=round(365.25 * years))
    held = list(rotation.layer_shifts(turns, since=since, until=until))
    for one, other in pairwise(held):
        if one.ends_at > other.starts_at or one.starts_at >= one.ends_at:
            return f"{turns}: shifts overlap at {other.starts_at}"
    walk = _Walk(turns)
    place = 0
    for at in _moments(turns, held, since, until, step):
        expected = walk.holder_at(at)
        while place < len(held) and held[place].ends_at <= at:
            place += 1
        found = held[place].person if place < len(held) and held[place].starts_at <= at else None
        if found != expected:
            return f"{turns}: at {at} the schedule says {found}, the clock on the wall {expected}"
    return ""


def zones_that_differ(names: list[str], *, years: int = YEARS) -> list[str]:
    """One name for each way in which clocks go within these years, day by day."""
    seen: dict[tuple[timedelta | None, ...], str] = {}
    days = [datetime.combine(FIRST, time(12), UTC) + number * DAY for number in range(-20, 366 * years, 3)]
    for name in names:
        zone = ZoneInfo(name)
        seen.setdefault(tuple(day.astimezone(zone).utcoffset() for day in days), name)
    return list(seen.values())


class _Walk:
    """Where the clock on the wall stands, and what it has passed."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.reached = datetime(1, 1, 1)  # noqa: DTZ001
        self.handoffs = _handoffs(turns)
        self.next_handoff = next(self.handoffs)
        self.passed = 0
        self.edges = _edges(turns)
        self.next_edge = next(self.edges) if turns.hours else (datetime(9999, 1, 1), 0)  # noqa: DTZ001
        self.open = 0

    def holder_at(self, at: datetime) -> int | None:
        """Who holds the turn at `at`; moments are asked in order."""
        self.reached = max(self.reached, at.astimezone(self.turns.zone).replace(tzinfo=None))
        while self.next_handoff <= self.reached:
            self.passed, self.next_handoff = self.passed + 1, next(self.handoffs)
        while self.next_edge[0] <= self.reached:
            self.open, self.next_edge = self.open + self.next_edge[1], next(self.edges)
        if not self.passed or (self.turns.hours and self.open < 1):
            return None
        return self.turns.places[(self.passed - 1) % len(self.turns.places)][0]


def _handoffs(turns: Turns) -> Iterator[datetime]:
    day, number = turns.starts_on, 0
    while turns.turn == "months":
        year, month = divmod(day.year * 12 + day.month - 1 + number * turns.turn_length, 12)
        last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - DAY).day
        yield datetime.combine(date(year, month + 1, min(day.day, last)), turns.handoff)
        number += 1
    hours = {"hours": 1, "days": 24, "weeks": 168}[turns.turn] * turns.turn_length
    wall = datetime.combine(day, turns.handoff)
    while True:
        yield wall
        wall += timedelta(hours=hours)


def _edges(turns: Turns) -> Iterator[tuple[datetime, int]]:
    """Openings (+1) and closings (-1) on the wall's clock, in its order."""
    day, waiting = turns.starts_on - 4 * DAY, list[tuple[datetime, int]]()
    while True:
        for hours in turns.hours:
            if day.weekday() in hours.weekdays:
                closing = day if hours.closes > hours.opens else day + DAY
                waiting += [(datetime.combine(day, hours.opens), 1), (datetime.combine(closing, hours.closes), -1)]
        day += DAY
        settled = datetime.combine(day, time(0))
        yield from sorted(edge for edge in waiting if edge[0] < settled)
        waiting = [edge for edge in waiting if edge[0] >= settled]


def _moments(
    turns: Turns, held: list[rotation.Held], since: datetime, until: datetime, step: timedelta | None
) -> Iterator[datetime]:
    if step is not None:
        for number in range(int((until - since) / step)):
            yield since + number * step
        return
    looked = {moment for each in held for moment in (each.starts_at, each.starts_at - MINUTE, each.ends_at)}
    day, offset = since, since.astimezone(turns.zone).utcoffset()
    while day < until:
        looked.add(day)
        after = (day + DAY).astimezone(turns.zone).utcoffset()
        if after != offset:
            looked |= {day + number * QUARTER for number in range(-8, 104)}
        day, offset = day + DAY, after
    yield from sorted(moment for moment in looked if since <= moment < until)


def _quarter(random: Random) -> time:
    return time(random.randint(0, 23), random.choice([0, 15, 30, 45]))
