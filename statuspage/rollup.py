"""From states and periods to what a reader sees: the overall word, days and uptime. Pure: no clock, no database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OPERATIONAL, DEGRADED, PARTIAL, MAJOR, MAINTENANCE = (
    "operational",
    "degraded",
    "partial_outage",
    "major_outage",
    "maintenance",
)
NO_DATA = "none"
WORST_FIRST = (MAJOR, PARTIAL, DEGRADED, MAINTENANCE, OPERATIONAL)
# The share of a second in this state that counts as down, as Statuspage counts; announced maintenance counts as up.
DOWN = {MAJOR: 1.0, PARTIAL: 0.3}
DAYS = 90
WHOLE_DAY = 24 * 3600.0  # seconds of record before which a share of it says nothing

STATE_OF_RANK = {1: MAJOR, 2: PARTIAL, 3: DEGRADED}
IMPACT_OF_RANK = {1: "critical", 2: "major", 3: "minor"}
SAID_BY = {"critical": MAJOR, "major": PARTIAL, "minor": DEGRADED}


@dataclass(frozen=True)
class Interval:
    """One component was in `state` from `started_at` until just before `ended_at`; None: it still is."""

    state: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Day:
    """One day of one component in the page's zone. `state`: the worst of the day, "none" before there was anything to
    know; `uptime`: percent of the part that is known; `troubles`: (state, seconds) of what was not operational."""

    on: date
    state: str
    uptime: float | None
    troubles: tuple[tuple[str, int], ...]


def worst(states: Iterable[str]) -> str:
    """The worst of `states`; operational where there are none."""
    return min(states, key=WORST_FIRST.index, default=OPERATIONAL)


def state_for(severity_rank: int) -> str:
    """What a component is said to be while an incident of this severity is announced for it."""
    return STATE_OF_RANK.get(severity_rank, OPERATIONAL)


def impact_for(severity_rank: int) -> str:
    """none, minor, major or critical."""
    return IMPACT_OF_RANK.get(severity_rank, "none")


def overall(states: Iterable[str], impacts: Iterable[str] = ()) -> str:
    """The state of a page: its worst component, and no better than the `impacts` of open incidents that name none."""
    return worst([*states, *(SAID_BY[impact] for impact in impacts if impact in SAID_BY)])


def seconds_by_state(intervals: Iterable[Interval], since: datetime, until: datetime) -> dict[str, float]:
    """How long each state lasted between the two moments."""
    found: dict[str, float] = {}
    for interval in intervals:
        begins, ends = max(interval.started_at, since), min(interval.ended_at or until, until)
        if ends > begins:
            found[interval.state] = found.get(interval.state, 0.0) + (ends - begins).total_seconds()
    return found


def uptime(intervals: Iterable[Interval], since: datetime, until: datetime) -> float | None:
    """Percent of the known time between the two moments that was not down; None before a whole day is known."""
    lasted = seconds_by_state(intervals, since, until)
    return _percent(lasted) if sum(lasted.values()) >= WHOLE_DAY else None


def _percent(lasted: dict[str, float]) -> float | None:
    known = sum(lasted.values())
    if not known:
        return None
    down = sum(seconds * DOWN.get(state, 0.0) for state, seconds in lasted.items())
    return 100.0 * (known - down) / known


def midnight(on: date, zone: ZoneInfo) -> datetime:
    """When the day begins in the zone; a day whose midnight is skipped by the clocks begins at its first moment."""
    return datetime.combine(on, time(), zone)


def days(intervals: Sequence[Interval], *, at: datetime, zone: ZoneInfo, count: int = DAYS) -> list[Day]:
    """The last `count` days in the zone, oldest first, today included as far as it has come."""
    today = at.astimezone(zone).date()
    found = []
    for back in range(count - 1, -1, -1):
        on = today - timedelta(days=back)
        # Seconds are counted in UTC: differences between two moments of one zone would ignore its clock changes.
        since = midnight(on, zone).astimezone(UTC)
        until = min(midnight(on + timedelta(days=1), zone).astimezone(UTC), at)
        lasted = seconds_by_state(intervals, since, until)
        troubles = tuple((state, round(lasted[state])) for state in WORST_FIRST[:-1] if lasted.get(state))
        found.append(Day(on, worst(lasted) if lasted else NO_DATA, _percent(lasted), troubles))
    return found


def shown_percent(value: float | None) -> str:
    """ "99.98": cut and never rounded up, so that 100 means nothing was down; empty where nothing is known."""
    if value is None:
        return ""
    cut = int(value * 100 + 1e-9) / 100
    return f"{cut:.2f}".rstrip("0").rstrip(".")
