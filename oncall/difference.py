"""What a change of a schedule would change: before and after, laid over one another. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from oncall.rotation import Held


@dataclass(frozen=True, slots=True)
class Change:
    """From `starts_at` until `ends_at` another person holds `duty`; None is nobody."""

    duty: str
    starts_at: datetime
    ends_at: datetime
    before: int | None
    after: int | None


def changes(before: Mapping[str, Sequence[Held]], after: Mapping[str, Sequence[Held]]) -> list[Change]:
    """Where the holder of a duty differs, in order of time, neighbours of the same change joined."""
    found = [
        change for duty in {*before, *after} for change in _of_duty(duty, before.get(duty, []), after.get(duty, []))
    ]
    return sorted(found, key=lambda change: (change.starts_at, change.duty))


def _of_duty(duty: str, before: Sequence[Held], after: Sequence[Held]) -> list[Change]:
    edges = sorted({moment for held in (*before, *after) for moment in (held.starts_at, held.ends_at)})
    found: list[Change] = []
    for start, end in pairwise(edges):
        was, will = _holder(before, start), _holder(after, start)
        if was == will:
            continue
        last = found[-1] if found else None
        if last and (last.ends_at, last.before, last.after) == (start, was, will):
            found[-1] = Change(duty, last.starts_at, end, was, will)
        else:
            found.append(Change(duty, start, end, was, will))
    return found


def _holder(held: Sequence[Held], moment: datetime) -> int | None:
    return next((each.person for each in held if each.starts_at <= moment < each.ends_at), None)
