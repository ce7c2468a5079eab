"""Which incident an alert belongs to, with the reason. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

REOPEN_WITHIN = timedelta(minutes=5)
SETTLES_WITHIN = timedelta(minutes=5)
STORM_BUNDLES = 10
STORM_WITHIN = timedelta(minutes=1)
STORM_JOINS_WITHIN = timedelta(minutes=10)


class Why(StrEnum):
    """How an alert met its incident, or why it met none."""

    SAME_ALERT = "same_alert"  # the incident it belongs to is still open
    CAME_BACK = "came_back"  # its incident ended by itself a moment ago, and is reopened
    SAME_GROUP = "same_group"  # the tool put it into a group whose incident is open
    STORM = "storm"  # its source reports so much at once that it joins instead of opening its own
    NEW = "new"  # nothing open fits: an incident is declared
    STILL_FIRING = "still_firing"  # a person resolved its incident, and the machine goes on reporting it
    SETTLING = "settling"  # the same, but so soon that the fix may still be arriving: it waits
    NOISE = "noise"  # a person declined this episode
    TEST = "test"  # a test that was asked not to page anybody


WITHOUT_INCIDENT = frozenset({Why.NOISE, Why.SETTLING, Why.TEST})


@dataclass(frozen=True, slots=True)
class Past:
    """The incident an alert, or its group, went to last."""

    incident: int
    is_open: bool
    is_declined: bool = False
    ended_at: datetime | None = None
    ended_by_itself: bool = False

    def came_back(self, at: datetime) -> bool:
        """Whether it ended by itself so short a time ago that it is the same story."""
        return self.ended_by_itself and self.ended_at is not None and at - self.ended_at < REOPEN_WITHIN


@dataclass(frozen=True, slots=True)
class Choice:
    """`incident` is the one to join (or reopen); None to declare one, or to leave it (see `Why`)."""

    why: Why
    incident: int | None = None


def own(past: Past | None, *, is_new_episode: bool, at: datetime) -> Choice | None:
    """What follows from the alert's own last incident alone; None where its group must be asked."""
    if past is None:
        return None
    if past.is_open:
        return Choice(Why.SAME_ALERT, past.incident)
    if is_new_episode:
        return Choice(Why.CAME_BACK, past.incident) if past.came_back(at) else None
    if past.is_declined:
        return Choice(Why.NOISE)
    if past.ended_at is not None and at - past.ended_at < SETTLES_WITHIN:
        return Choice(Why.SETTLING)
    return None


def bundle(group: Past | None, *, storm: bool, newest: int | None, at: datetime) -> Choice:
    """What becomes of alerts that came together: by their group, by a storm, or by themselves."""
    if group is not None and group.is_open:
        return Choice(Why.SAME_GROUP, group.incident)
    if group is not None and group.came_back(at):
        return Choice(Why.CAME_BACK, group.incident)
    if storm:
        return Choice(Why.STORM, newest)
    return Choice(Why.NEW)


def is_storm(recent: Sequence[datetime], fresh: int, *, at: datetime) -> bool:
    """Whether a source that opened bundles at `recent` and now brings `fresh` more is storming."""
    return fresh > 0 and sum(1 for moment in recent if at - moment < STORM_WITHIN) + fresh > STORM_BUNDLES


def remembered(recent: Sequence[datetime], fresh: int, *, at: datetime) -> list[datetime]:
    """What to keep of a source's bundles, so that a storm lasts until a whole minute has been calm."""
    kept = [moment for moment in recent if at - moment < STORM_WITHIN]
    return (kept + [at] * min(fresh, STORM_BUNDLES + 1))[-(STORM_BUNDLES + 1) :]
