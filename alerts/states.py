"""Whether a delivery opens, repeats or ends an alert. Pure.

Deliveries come late, twice, in the wrong order, and from pairs of senders that disagree by seconds. So what counts is
what the machine says of its own time, and never more than the moment we heard it: a clock ahead of ours cannot make an
alert that no “resolved” can end.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from alerts.normal import Action


class Verdict(StrEnum):
    """What one delivery means for its alert."""

    OPENS = "opens"  # a new firing episode begins
    REPEATS = "repeats"  # still the same episode
    RESOLVES = "resolves"  # the episode is over
    CAME_RESOLVED = "came_resolved"  # over before we ever heard that it fired
    LATE = "late"  # tells of an episode that we know to be over; changes nothing


CHANGES = frozenset({Verdict.OPENS, Verdict.RESOLVES, Verdict.CAME_RESOLVED})


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an alert. `newest_start_at`: the latest start that was named for the present episode.
    `said_end_at`: the end in the machine's own words; None where a person ended it, or the machine named no moment."""

    started_at: datetime
    newest_start_at: datetime
    resolved_at: datetime | None = None
    said_end_at: datetime | None = None


def judge(
    standing: Standing | None,
    action: Action,
    *,
    starts_at: datetime | None,
    ends_at: datetime | None,
    received_at: datetime,
) -> tuple[Verdict, Standing]:
    """The verdict on one delivery, and how the alert stands after it."""
    start = min(starts_at or received_at, received_at)
    if action is Action.RESOLVE:
        return _resolved(standing, start, ends_at, received_at)
    if standing is None:
        return Verdict.OPENS, Standing(start, start)
    if standing.resolved_at is None:
        return Verdict.REPEATS, replace(standing, newest_start_at=max(standing.newest_start_at, start))
    if starts_at is not None and start <= (standing.said_end_at or standing.newest_start_at):
        return Verdict.LATE, standing
    return Verdict.OPENS, Standing(start, start)


def _resolved(
    standing: Standing | None, start: datetime, ends_at: datetime | None, received_at: datetime
) -> tuple[Verdict, Standing]:
    end = min(ends_at or received_at, received_at)
    said = end if ends_at else None
    if standing is None:
        start = min(start, end)
        return Verdict.CAME_RESOLVED, Standing(start, start, end, said)
    if standing.resolved_at is not None or end < standing.newest_start_at:
        return Verdict.LATE, standing
    return Verdict.RESOLVES, replace(standing, resolved_at=end, said_end_at=said)
