"""Geometry of charts. Pure functions from values to shapes; templates/_chart_*.html draw them as SVG.

Nothing here needs a style attribute: positions are SVG attributes, colours are classes (components.css).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil, floor, log10


@dataclass(frozen=True)
class Bar:
    """One bar of a bar chart: x, width and middle in percent, y and height in pixels; `family` is its colour class."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    value: float
    label: str
    family: str
    labelled: bool


@dataclass(frozen=True)
class Tick:
    """A line of the ruler and what stands at it."""

    y: float
    text: str


@dataclass(frozen=True)
class BarChart:
    """Everything _chart_bars.html draws."""

    height: int
    base: float
    bars: list[Bar]
    ticks: list[Tick]


@dataclass(frozen=True)
class Line:
    """A line (`path`), the area below it, and its last point."""

    width: int
    height: int
    path: str
    area: str
    last_x: float
    last_y: float


@dataclass(frozen=True)
class Shift:
    """One bar in a lane, in percent of the lane's width."""

    x: float
    width: float
    label: str
    title: str
    face: int
    address: str
    is_gap: bool


@dataclass(frozen=True)
class Mark:
    """A day across the lanes: its place in percent, and whether it is today."""

    x: float
    width: float
    day: date
    is_today: bool


def nice_ceiling(value: float) -> float:
    """The next round number (one or two digits and zeros) not below `value`; at least 1."""
    if value <= 1:
        return 1
    power = 10 ** floor(log10(value))
    return next(float(step * power) for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * power >= value - 1e-9)


def number(value: float) -> str:
    """Without a tail of zeros: "3", "2.5"."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def bars(values: Sequence[tuple[str, float]], *, families: Sequence[str] = (), height: int = 200) -> BarChart:
    """A bar chart of (label, value). At most some eight labels are written, so they never overlap."""
    left, bottom, top = 6.0, 24, 8
    whole = all(float(value).is_integer() for _label, value in values)
    ceiling = nice_ceiling(max((value for _label, value in values), default=0))
    parts = (0.0, 1.0) if whole and ceiling % 2 else (0.0, 0.5, 1.0)  # nobody has half an incident
    room, slot = height - bottom - top, (100 - left) / max(1, len(values))
    thick = min(9.0, slot * 0.66)
    every = max(1, ceil(len(values) / 8))
    drawn = []
    for index, (label, value) in enumerate(values):
        tall = room * max(0.0, value) / ceiling
        middle = left + slot * (index + 0.5)
        drawn.append(
            Bar(
                x=round(middle - thick / 2, 2),
                y=round(top + room - tall, 2),
                width=round(thick, 2),
                height=round(tall, 2),
                middle=round(middle, 2),
                value=value,
                label=label,
                family=families[index] if index < len(families) else "accent",
                labelled=index % every == 0,
            )
        )
    ticks = [Tick(round(top + room * (1 - part), 2), number(ceiling * part)) for part in parts]
    return BarChart(height, top + room, drawn, ticks)


def line(values: Sequence[float], *, width: int = 160, height: int = 32) -> Line:
    """A sparkline over its own range, with room for the stroke."""
    if not values:
        return Line(width, height, "", "", 0, height)
    low, high = min(values), max(values)
    spread = (high - low) or 1
    step = width / max(1, len(values) - 1)
    points = [
        (round(index * step, 2), round(height - 3 - (value - low) / spread * (height - 6), 2))
        for index, value in enumerate(values)
    ]
    if len(points) == 1:
        points.append((float(width), points[0][1]))
    path = "M" + "L".join(f"{x} {y}" for x, y in points)
    return Line(width, height, path, f"{path}L{width} {height}L0 {height}Z", *points[-1])


def share(part: float, whole: float) -> float:
    """`part` of `whole` in percent, held between 0 and 100."""
    return 0.0 if whole <= 0 else round(min(100.0, max(0.0, 100 * part / whole)), 2)


def place(start: datetime, end: datetime, opens: datetime, closes: datetime) -> tuple[float, float]:
    """Where [start, end) lies in the window [opens, closes): left edge and width in percent, cut at the window."""
    whole = (closes - opens).total_seconds()
    left = share((start - opens).total_seconds(), whole)
    return left, round(max(0.0, share((end - opens).total_seconds(), whole) - left), 2)


def days(opens: datetime, closes: datetime, now: datetime) -> list[Mark]:
    """A mark for each day of the window, in the zone of `opens`."""
    marks, start, today = [], opens, now.astimezone(opens.tzinfo).date()
    while start < closes:
        end = (start + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        x, width = place(start, end, opens, closes)
        marks.append(Mark(x, width, start.date(), start.date() == today))
        start = end
    return marks
