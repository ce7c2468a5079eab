"""What a change of a schedule would change: before and after, laid over one another. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from oncall.rotation import Held


@dataclass(frozen=True, slots=True)
class Change:
    """From `starts_at` until `ends_at` others hold `duty`; an empty tuple is nobody."""

    duty: str
    starts_at: datetime
    ends_at: datetime
    before: tuple[int, ...]
    after: tuple[int, ...]


def changes(before: Mapping[str, Sequence[Held]], after: Mapping[str, Sequence[Held]]) -> list[Change]:
    """Where the holders of a duty differ, in order of time, neighbours of the same change joined."""
    found = [
        change for duty in {*before, *after} for change in _of_duty(duty, before.get(duty, []), after.get(duty, []))
    ]
    return sorted(found, key=lambda change: (change.starts_at, change.duty))


def hours(held: Mapping[str, Sequence[Held]]) -> dict[int, timedelta]:
    """For how long each person holds any duty; both at once count once for each."""
    found: dict[int, timedelta] = defaultdict(timedelta)
    for each in (each for duty in held.values() for each in duty):
        found[each.person] += each.ends_at - each.starts_at
    return dict(found)


def _of_duty(duty: str, before: Sequence[Held], after: Sequence[Held]) -> list[Change]:
    found: list[Change] = []
    for start, end, was, will in _side_by_side(before, after):
        if was == will:
            continue
        last = found[-1] if found else None
        if last and (last.ends_at, last.before, last.after) == (start, was, will):
            found[-1] = Change(duty, last.starts_at, end, was, will)
        else:
            found.append(Change(duty, start, end, was, will))
    return found


def _side_by_side(
    before: Sequence[Held], after: Sequence[Held]
) -> Iterator[tuple[datetime, datetime, tuple[int, ...], tuple[int, ...]]]:
    """(start, end, holders before, holders after) between any two moments at which somebody begins or ends."""
    edges = [
        (moment, place, step, each.person)
        for place, held in enumerate((before, after))
        for each in held
        for moment, step in ((each.starts_at, 1), (each.ends_at, -1))
    ]
    holding: tuple[dict[int, int], dict[int, int]] = ({}, {})
    start: datetime | None = None
    for moment, group in groupby(sorted(edges), key=lambda edge: edge[0]):
        if start is not None:
            was, will = (tuple(sorted(person for person in each if each[person])) for each in holding)
            yield start, moment, was, will
        for _moment, place, step, person in group:
            holding[place][person] = holding[place].get(person, 0) + step
        start = moment
