"""Shifts on a ruler of days: the geometry of the calendar. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core import charts
from oncall.wallclock import day_starts

RULER = 620  # pixels a lane is wide on a usual screen; decides which words fit


@dataclass(frozen=True, slots=True)
class Span:
    """What is drawn: somebody (`name`, `face`) or, without a name, a gap, with its title and where a click leads."""

    starts_at: datetime
    ends_at: datetime
    name: str
    initials: str
    face: int
    title: str
    address: str = ""
    is_override: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A span on the ruler: left edge and width in percent, and the words that fit."""

    x: float
    width: float
    label: str
    span: Span
    goes_on: bool

    @property
    def is_gap(self) -> bool:
        return not self.span.name


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of bars. `kind`: "result", "override" or "layer"."""

    name: str
    kind: str
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Ruler:
    """Lanes over the days of [opens, closes), with where now is, in percent."""

    opens: datetime
    closes: datetime
    marks: Sequence["charts.Mark | Clock"]
    lanes: Sequence[Lane]
    now_at: float | None


@dataclass(frozen=True, slots=True)
class Clock:
    """An hour across the lanes of one day: its place in percent, and what the clock shows."""

    x: float
    width: float
    clock: str


def week_of(day: date) -> tuple[date, date]:
    """The Monday of the day's week, and the next one."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=7)


def month_of(day: date) -> tuple[date, date]:
    """The first of the day's month, and of the next one."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def weeks_of_month(day: date) -> list[tuple[date, date]]:
    """The whole weeks that hold the day's month."""
    first, beyond = month_of(day)
    monday, found = week_of(first)[0], []
    while monday < beyond:
        found.append((monday, monday + timedelta(days=7)))
        monday += timedelta(days=7)
    return found


def window(first: date, beyond: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the start of `first` until the start of `beyond`, in the zone."""
    return day_starts(first, zone).astimezone(zone), day_starts(beyond, zone).astimezone(zone)


def ruler(
    opens: datetime, closes: datetime, lanes: Sequence[tuple[str, str, Sequence[Span]]], *, now: datetime
) -> Ruler:
    """The lanes (name, kind, spans) on the days of [opens, closes)."""
    drawn = [Lane(name, kind, [_bar(span, opens, closes) for span in _within(spans, opens, closes)])
             for name, kind, spans in lanes]  # fmt: skip
    now_at = charts.place(now, now, opens, closes)[0] if opens <= now < closes else None
    return Ruler(opens, closes, _marks(opens, closes, now), drawn, now_at)


def _marks(opens: datetime, closes: datetime, now: datetime) -> Sequence[charts.Mark | Clock]:
    """The days of the window; of a single day, every third hour."""
    if closes - opens > timedelta(hours=36):
        return charts.days(opens, closes, now)
    found, start = list[Clock](), opens.astimezone(UTC)
    while start < closes:
        end = start + timedelta(hours=3)
        found.append(Clock(*charts.place(start, end, opens, closes), f"{start.astimezone(opens.tzinfo):%H:%M}"))
        start = end
    return found


def _within(spans: Sequence[Span], opens: datetime, closes: datetime) -> list[Span]:
    return [span for span in spans if span.starts_at < closes and span.ends_at > opens]


def _bar(span: Span, opens: datetime, closes: datetime) -> Bar:
    x, width = charts.place(max(span.starts_at, opens), min(span.ends_at, closes), opens, closes)
    room = width * RULER / 100 - 10
    first = span.name.split()[0] if span.name else ""
    fitting = next((words for words in (span.name, first, span.initials) if len(words) * 7.4 <= room), "")
    return Bar(x, width, fitting, span, span.ends_at > closes)
