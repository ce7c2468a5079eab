"""An independent model of a schedule: it looks at one moment at a time and knows nothing of intervals.

The handoffs of a rotation are found by walking the wall clock forward from the first one, and who holds a duty at a
moment is decided by counting how many handoffs the wall clock has passed by then.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from oncall.rotation import Laid, Turns


def first_time_shown(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which the clock shows `wall` or later, found by looking at minute after minute."""
    at = wall.replace(tzinfo=UTC) - timedelta(hours=26)
    while not _has_passed(at + timedelta(hours=1), wall - timedelta(hours=3), zone):
        at += timedelta(hours=1)
    while not _has_passed(at, wall, zone):
        at += timedelta(minutes=1)
    return at


def _has_passed(at: datetime, wall: datetime, zone: ZoneInfo) -> bool:
    return at.astimezone(zone).replace(tzinfo=None) >= wall


def _wall(turns: Turns, number: int) -> datetime:
    """When turn `number` begins: so many hours after the first one, or so many months walked one by one."""
    if turns.turn != "months":
        hours = {"hours": 1, "days": 24, "weeks": 168}[turns.turn] * turns.turn_length
        return datetime.combine(turns.starts_on, turns.handoff) + timedelta(hours=hours * number)
    year, month = turns.starts_on.year, turns.starts_on.month
    for _step in range(turns.turn_length * number):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    day = turns.starts_on.day
    while True:
        try:
            return datetime.combine(date(year, month, day), turns.handoff)
        except ValueError:
            day -= 1


class Reference:
    """Answers `holder(duty, at)` for one schedule."""

    def __init__(self, rotations: list[Turns], overrides: list[Laid]) -> None:
        self.rotations = sorted(rotations, key=lambda each: (-each.layer, each.key))
        self.overrides = overrides
        self.handoffs: dict[int, list[datetime]] = {}

    def holders(self, duty: str, at: datetime) -> list[int]:
        """Who holds the duty at a moment: one, several together, or nobody."""
        for laid in self.overrides:
            if laid.duty == duty and laid.starts_at <= at < laid.ends_at:
                return [laid.person]
        for turns in self.rotations:
            if turns.duty == duty and (place := self._by_turn(turns, at)):
                return place
        return []

    def _by_turn(self, turns: Turns, at: datetime) -> list[int]:
        if (turns.since and at < turns.since) or (turns.until and at >= turns.until):
            return []
        if turns.ends_on and at >= first_time_shown(datetime.combine(turns.ends_on, turns.handoff), turns.zone):
            return []
        handoffs = self._handoffs(turns, at)
        passed = sum(1 for handoff in handoffs if handoff <= at)
        if not passed or not turns.places:
            return []
        if turns.hours and not self._open(turns, at):
            return []
        return list(turns.places[(turns.first + passed - 1) % len(turns.places)])

    def _handoffs(self, turns: Turns, at: datetime) -> list[datetime]:
        known = self.handoffs.setdefault(turns.key, [])
        while not known or known[-1] <= at:
            known.append(first_time_shown(_wall(turns, len(known)), turns.zone))
        return known

    def _open(self, turns: Turns, at: datetime) -> bool:
        here = at.astimezone(turns.zone).date()
        for hours in turns.hours:
            for back in range(-1, 3):
                day = here - timedelta(days=back)
                if day.weekday() not in hours.weekdays:
                    continue
                if (hours.holidays, day in turns.off) in {("except", True), ("only", False)}:
                    continue
                ends = day if hours.closes > hours.opens else day + timedelta(days=1)
                opens_at = self._cached(datetime.combine(day, hours.opens), turns.zone)
                closes_at = self._cached(datetime.combine(ends, hours.closes), turns.zone)
                if opens_at <= at < closes_at:
                    return True
        return False

    _shown: dict[tuple[datetime, str], datetime] = {}

    def _cached(self, wall: datetime, zone: ZoneInfo) -> datetime:
        key = (wall, zone.key)
        if key not in self._shown:
            self._shown[key] = first_time_shown(wall, zone)
        return self._shown[key]
