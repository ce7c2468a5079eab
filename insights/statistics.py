"""Medians and shares with their n. Pure; never a bare mean."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median, quantiles


@dataclass(frozen=True)
class Spread:
    """Of `n` spans the `median` and the 90th percentile; `missing` is how many had no moment to measure from."""

    n: int
    missing: int
    median: timedelta | None
    p90: timedelta | None


def spread(spans: Iterable[timedelta | None]) -> Spread:
    """What many spans come to. Negative ones (a moment corrected by hand) count as missing."""
    given = list(spans)
    seconds = sorted(span.total_seconds() for span in given if span is not None and span >= timedelta(0))
    missing = len(given) - len(seconds)
    if not seconds:
        return Spread(0, missing, None, None)
    ninetieth = seconds[0] if len(seconds) == 1 else quantiles(seconds, n=10, method="inclusive")[8]
    return Spread(len(seconds), missing, timedelta(seconds=median(seconds)), timedelta(seconds=ninetieth))


@dataclass(frozen=True)
class Share:
    """`part` of `whole`; `percent` is None where there is nothing to take a share of."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        return 100 * self.part / self.whole if self.whole else None


def change(now: timedelta | None, before: timedelta | None) -> float | None:
    """By how many percent a median moved against the period before; None where either is unknown or was zero."""
    if now is None or not before:
        return None
    return 100 * (now - before) / before
