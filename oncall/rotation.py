"""Who holds which duty when: turns, restrictions, layers and overrides as half-open intervals. Pure.

Everything is computed on the wall clock of a rotation's zone and turned into moments by `wallclock.moment`. A turn of
"12 hours" is therefore from 09:00 to 21:00 on every day of the year, and lasts eleven or thirteen real hours across a
change of the clocks. A turn that a skipped hour swallows whole has no length and is left out; the order goes on. A turn
of months begins on the same day of the month, or on its last day where the month is too short.

Several people may share a place in the order of turns: then each of them holds the whole turn, and whatever cuts it
cuts it for all of them alike.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oncall.wallclock import moment, shown

STEP = {"hours": timedelta(hours=1), "days": timedelta(days=1), "weeks": timedelta(weeks=1)}
WIDEST_JUMP = timedelta(hours=27)  # no zone ever moved its clocks further


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the week: on each of `weekdays` (0 is Monday) from `opens` until `closes`; until the next day where
    `closes` is not later than `opens`, so 00:00 to 00:00 is the whole day. `holidays`: "except" leaves out the hours
    that begin on a public holiday, "only" those that do not."""

    weekdays: frozenset[int]
    opens: time
    closes: time
    holidays: str = ""

    def begin_on(self, day: date, off: frozenset[date]) -> bool:
        """Whether these hours begin on `day`, with the public holidays `off`."""
        if day.weekday() not in self.weekdays:
            return False
        return not self.holidays or (day in off) == (self.holidays == "only")


Place = tuple[int, ...]  # who holds one turn together


@dataclass(frozen=True, slots=True)
class Turns:
    """A rotation as values. `key` comes back in what is computed.

    Turn 0 begins on `starts_on` at `handoff` and belongs to everybody of `places[first]`; on `ends_on`, at the handoff,
    the rotation ends. `since` and `until` narrow it further, to the moments in which this version of the rotation was
    in force. `off` are the public holidays that its hours may speak of.
    """

    key: int
    duty: str
    layer: int
    zone: ZoneInfo
    turn: str
    turn_length: int
    handoff: time
    starts_on: date
    places: tuple[Place, ...]
    first: int = 0
    ends_on: date | None = None
    hours: tuple[Hours, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    off: frozenset[date] = frozenset()

    @property
    def opening(self) -> datetime:
        """The wall-clock time of the first handoff."""
        return datetime.combine(self.starts_on, self.handoff)

    def begins(self, number: int) -> datetime:
        """The wall-clock time at which turn `number` begins."""
        if self.turn != "months":
            return self.opening + STEP[self.turn] * self.turn_length * number
        year, month = divmod(_months(self.starts_on) + self.turn_length * number, 12)
        day = min(self.starts_on.day, monthrange(year, month + 1)[1])
        return datetime.combine(date(year, month + 1, day), self.handoff)

    def about(self, wall: datetime) -> int:
        """The number of the turn that runs at `wall`, or of one beside it."""
        if self.turn != "months":
            return (wall - self.opening) // (STEP[self.turn] * self.turn_length)
        return (_months(wall.date()) - _months(self.starts_on)) // self.turn_length


@dataclass(frozen=True, slots=True)
class Laid:
    """An override as values: `person` takes `duty`, whatever the rotations say."""

    key: int
    duty: str
    person: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody holds a duty from `starts_at` until just before `ends_at`, by a rotation's turn or by an override."""

    person: int
    duty: str
    starts_at: datetime
    ends_at: datetime
    rotation: int | None = None
    override: int | None = None


def shifts(
    rotations: Sequence[Turns], overrides: Iterable[Laid], *, since: datetime, until: datetime
) -> dict[str, list[Held]]:
    """Who holds each duty within [since, until), in order of time and without overlap. A duty without anybody is
    missing or has holes: coverage.gaps finds them."""
    found: dict[str, list[Held]] = {}
    for turns in sorted(rotations, key=lambda each: (-each.layer, each.key)):
        below = list(layer_shifts(turns, since=since, until=until))
        found[turns.duty] = laid_over(found.get(turns.duty, []), below)
    for duty, above in _by_duty(overrides, since, until).items():
        found[duty] = laid_over(above, found.get(duty, []))
    return found


def layer_shifts(turns: Turns, *, since: datetime, until: datetime) -> Iterator[Held]:
    """The shifts of one rotation alone within [since, until), in order of time. Nobody in it: none."""
    opens, closes = _in_force(turns, since, until)
    if not turns.places or closes <= opens:
        return
    for number, starts_at, ends_at in _turns(turns, opens, closes):
        place = turns.places[(number + turns.first) % len(turns.places)]
        for begin, end in _within_hours(turns, max(starts_at, opens), min(ends_at, closes)):
            for person in place:
                yield Held(person, turns.duty, begin, end, rotation=turns.key)


def turn_number(turns: Turns, at: datetime) -> int:
    """The number of the turn that runs at `at`; negative before the first."""
    number = turns.about(shown(at, turns.zone))
    while _starts(turns, number) > at:
        number -= 1
    while _starts(turns, number + 1) <= at:
        number += 1
    return number


def begins_at(turns: Turns) -> datetime:
    """The moment of the first handoff."""
    return moment(turns.opening, turns.zone)


def standing_in(places: Sequence[Place], active: frozenset[int] | set[int]) -> tuple[Place, ...]:
    """The order of turns without those who are not active. A place that somebody active shares is theirs; one that is
    left empty falls to the next place in line that is not, and nobody else's turn moves. Empty: nobody is active."""
    kept = [tuple(person for person in place if person in active) for place in places]
    if not any(kept):
        return ()
    doubled = kept * 2
    return tuple(next(place for place in doubled[number : number + len(kept)] if place) for number in range(len(kept)))


def laid_over(above: Sequence[Held], below: Sequence[Held]) -> list[Held]:
    """Both, in order of time; where they overlap `above` stands and `below` is cut. Each is in order."""
    if not above:
        return list(below)
    found, place = list(above), 0
    for held in below:
        begin = held.starts_at
        while place < len(above) and above[place].ends_at <= begin:
            place += 1
        cover = place
        while cover < len(above) and above[cover].starts_at < held.ends_at:
            if begin < above[cover].starts_at:
                found.append(replace(held, starts_at=begin, ends_at=above[cover].starts_at))
            begin = max(begin, above[cover].ends_at)
            cover += 1
        if begin < held.ends_at:
            found.append(replace(held, starts_at=begin))
    return sorted(found, key=lambda each: each.starts_at)


def continued(before: Sequence[Held], after: Sequence[Held]) -> list[Held]:
    """Two stretches of time one after the other, a shift that runs across the seam in one piece."""
    if not before or not after:
        return [*before, *after]
    tail = sum(1 for each in before if each.starts_at == before[-1].starts_at)
    head = sum(1 for each in after if each.starts_at == after[0].starts_at)
    return [*before[:-tail], *joined([*before[-tail:], *after[:head]]), *after[head:]]


def joined(held: Iterable[Held]) -> list[Held]:
    """Neighbours of the same person and source made one: what a calendar shows as one bar."""
    found: list[Held] = []
    last: dict[tuple[int, str, int | None, int | None], int] = {}
    for each in held:
        source = (each.person, each.duty, each.rotation, each.override)
        place = last.get(source)
        if place is not None and found[place].ends_at == each.starts_at:
            found[place] = replace(found[place], ends_at=each.ends_at)
        else:
            last[source] = len(found)
            found.append(each)
    return found


def _by_duty(overrides: Iterable[Laid], since: datetime, until: datetime) -> dict[str, list[Held]]:
    found: dict[str, list[Held]] = {}
    for each in sorted(overrides, key=lambda laid: laid.starts_at):
        begin, end = max(each.starts_at, since), min(each.ends_at, until)
        if begin < end:
            found.setdefault(each.duty, []).append(Held(each.person, each.duty, begin, end, override=each.key))
    return found


def _starts(turns: Turns, number: int) -> datetime:
    return moment(turns.begins(number), turns.zone)


def _months(day: date) -> int:
    """Months since the year 0."""
    return day.year * 12 + day.month - 1


def _in_force(turns: Turns, since: datetime, until: datetime) -> tuple[datetime, datetime]:
    opens, closes = max(since, begins_at(turns)), until
    if turns.ends_on is not None:
        closes = min(closes, moment(datetime.combine(turns.ends_on, turns.handoff), turns.zone))
    if turns.since is not None:
        opens = max(opens, turns.since)
    if turns.until is not None:
        closes = min(closes, turns.until)
    return opens.astimezone(UTC), closes.astimezone(UTC)


def _turns(turns: Turns, opens: datetime, closes: datetime) -> Iterator[tuple[int, datetime, datetime]]:
    """(number, start, end) of each turn with a length that touches [opens, closes)."""
    number = turn_number(turns, opens)
    starts_at = _starts(turns, number)
    while starts_at < closes:
        ends_at = _starts(turns, number + 1)
        if starts_at < ends_at:
            yield number, starts_at, ends_at
        number, starts_at = number + 1, ends_at


def _within_hours(turns: Turns, opens: datetime, closes: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The parts of [opens, closes) that lie in the rotation's hours; all of it without restrictions."""
    if not turns.hours:
        yield opens, closes
        return
    end: datetime | None = None
    begin = opens
    for window_opens, window_closes in _windows(turns, opens, closes):
        if end is not None and window_opens <= end:
            end = max(end, window_closes)
            continue
        if end is not None:
            yield begin, end
        begin, end = window_opens, window_closes
    if end is not None:
        yield begin, end


def _windows(turns: Turns, opens: datetime, closes: datetime) -> list[tuple[datetime, datetime]]:
    """The restrictions' windows that touch [opens, closes), cut to it, in order of time; they may overlap."""
    found = []
    day = (shown(opens, turns.zone) - WIDEST_JUMP).date() - timedelta(days=1)
    last = (shown(closes, turns.zone) + WIDEST_JUMP).date()
    while day <= last:
        for hours in turns.hours:
            if not hours.begin_on(day, turns.off):
                continue
            closing_day = day if hours.closes > hours.opens else day + timedelta(days=1)
            begin = max(opens, moment(datetime.combine(day, hours.opens), turns.zone))
            end = min(closes, moment(datetime.combine(closing_day, hours.closes), turns.zone))
            if begin < end:
                found.append((begin, end))
        day += timedelta(days=1)
    return sorted(found)
