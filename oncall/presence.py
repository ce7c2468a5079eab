"""Who answers for a duty when somebody is away, and when people are reminded. Pure."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

Period = tuple[datetime, datetime]

REMINDERS = (timedelta(days=3), timedelta(days=1), timedelta(hours=3), timedelta())
SOON = REMINDERS[0]
TOGETHER = timedelta(days=3)


class Answering(NamedTuple):
    """`people` are called. `instead_of`: who is away and covered by them. `away`: they are away themselves, and called
    since nobody covers."""

    people: list[int]
    instead_of: list[int]
    away: bool = False


def answering(holders: Sequence[int], others: Sequence[int], away: Collection[int]) -> Answering:
    """Whom a policy calls for a duty. Its holders who are here; else the other duty's holders who are here; else its
    holders all the same: there is never silence."""
    here = [person for person in holders if person not in away]
    if here or not holders:
        return Answering(here, [])
    covering = [person for person in others if person not in away]
    if covering:
        return Answering(covering, list(holders))
    return Answering(list(holders), [], away=True)


def next_reminder(starts_at: datetime, expires_at: datetime, *, after: datetime) -> datetime:
    """When an open swap is looked at again: three days, a day and three hours before it begins, when it begins, and
    when it expires."""
    moments = [*(starts_at - before for before in REMINDERS), expires_at]
    return min((moment for moment in moments if after < moment <= expires_at), default=expires_at)


def overlap(one: Period, other: Period) -> Period | None:
    """What two half-open periods have in common."""
    begin, end = max(one[0], other[0]), min(one[1], other[1])
    return (begin, end) if begin < end else None


def within(periods: Iterable[Period], window: Period) -> list[Period]:
    """The parts of `periods` inside of `window`."""
    return [part for period in periods if (part := overlap(period, window))]


def without(periods: Iterable[Period], taken: Iterable[Period]) -> list[Period]:
    """`periods` with everything cut out that lies in `taken`."""
    left = list(periods)
    for begin, end in taken:
        left = [
            part
            for start, stop in left
            for part in ((start, min(stop, begin)), (max(start, end), stop))
            if part[0] < part[1]
        ]
    return left


def joined(periods: Iterable[Period], *, across: timedelta = timedelta()) -> list[Period]:
    """Periods that touch made one; also those with a hole of at most `across` between them."""
    found: list[Period] = []
    for begin, end in sorted(periods):
        if found and begin - found[-1][1] <= across:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found
