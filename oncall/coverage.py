"""Where a schedule leaves somebody alone: gaps, and one person in both duties at once. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from oncall.rotation import Held


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody holds `duty` from `starts_at` until `ends_at`."""

    duty: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Twice:
    """`person` holds both duties from `starts_at` until `ends_at`: no second pair of eyes."""

    person: int
    starts_at: datetime
    ends_at: datetime


def gaps(held: Sequence[Held], duty: str, *, since: datetime, until: datetime) -> list[Gap]:
    """The holes of [since, until) that `held` (one duty, in order, without overlap) leaves open."""
    found, reached = [], since
    for each in held:
        if each.starts_at > reached:
            found.append(Gap(duty, reached, min(each.starts_at, until)))
        reached = max(reached, each.ends_at)
    if reached < until:
        found.append(Gap(duty, reached, until))
    return found


def twice(held: Mapping[str, Sequence[Held]]) -> list[Twice]:
    """The periods in which one person holds two duties, neighbours joined."""
    everyone = sorted((each for duty in held.values() for each in duty), key=lambda each: each.starts_at)
    found: list[Twice] = []
    for place, one in enumerate(everyone):
        for other in everyone[place + 1 :]:
            if other.starts_at >= one.ends_at:
                break
            if other.person == one.person and other.duty != one.duty:
                found.append(Twice(one.person, other.starts_at, min(one.ends_at, other.ends_at)))
    return _joined(sorted(found, key=lambda each: each.starts_at))


def _joined(found: list[Twice]) -> list[Twice]:
    whole: list[Twice] = []
    for each in found:
        last = whole[-1] if whole else None
        if last and last.person == each.person and last.ends_at == each.starts_at:
            whole[-1] = Twice(last.person, last.starts_at, each.ends_at)
        else:
            whole.append(each)
    return whole
