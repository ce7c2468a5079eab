"""How much of an error budget is spent, and how fast. Pure: values and moments in, figures out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True)
class Harm:
    """A half-open period in which customers were harmed; `until` None means it still goes on."""

    since: datetime
    until: datetime | None


class Verdict(StrEnum):
    """Where an objective stands, and the reason in its name."""

    KEPT = "kept"
    BURNING = "burning"  # at the pace of the last day the budget will not last its window
    EXHAUSTED = "exhausted"


@dataclass(frozen=True)
class Budget:
    """`allowed`, `spent` and `left` are spans of harm in the window (left may be negative); `availability` in percent;
    `burn` is the pace by window length in hours, 1.0 being exactly what the budget allows; `lasts` is how long what is
    left will last at the pace of the last day (None: nothing was burnt)."""

    allowed: timedelta
    spent: timedelta
    left: timedelta
    availability: float
    burn: dict[int, float]
    lasts: timedelta | None
    verdict: Verdict

    @property
    def spent_share(self) -> float:
        """Percent of the budget spent; more than 100 when it is exhausted."""
        return 100 * self.spent / self.allowed if self.allowed else 0.0


BURN_HOURS = (1, 6, 24, 72)


def overlap(harms: Iterable[Harm], *, since: datetime, until: datetime) -> timedelta:
    """How long at least one of `harms` went on within [since, until): harms that overlap count once."""
    total, reached = timedelta(0), since
    for harm in sorted(harms, key=lambda each: each.since):
        start, end = max(harm.since, reached), min(harm.until or until, until)
        if end > start:
            total += end - start
            reached = end
    return total


def judge(harms: Sequence[Harm], *, percent: float, window: timedelta, at: datetime) -> Budget:
    """The budget of an objective of `percent` over the `window` that ends at `at`."""
    tolerated = 1 - percent / 100
    allowed = window * tolerated
    spent = overlap(harms, since=at - window, until=at)
    left = allowed - spent
    burn = {
        hours: overlap(harms, since=at - timedelta(hours=hours), until=at) / timedelta(hours=hours) / tolerated
        for hours in BURN_HOURS
    }
    daily = overlap(harms, since=at - timedelta(days=1), until=at)
    lasts = left / (daily / timedelta(days=1)) if daily and left > timedelta(0) else None
    if left <= timedelta(0):
        verdict = Verdict.EXHAUSTED
    elif lasts is not None and lasts < window:
        verdict = Verdict.BURNING if burn[24] > 1 else Verdict.KEPT
    else:
        verdict = Verdict.KEPT
    return Budget(allowed, spent, left, 100 * (1 - spent / window), burn, lasts, verdict)
