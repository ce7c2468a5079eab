"""A provider that fails again and again is left alone: nothing goes to its lane but one probe now and then.

What would have gone there goes by the person's next method at once, and comes back when the probe got through."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from notifications.models import Circuit

log = logging.getLogger(__name__)
OPENS_AFTER = 5  # failures in a row that are the provider's own
FIRST_PAUSE, LONGEST_PAUSE = 30, 300  # seconds
GIVES_UP_AFTER = timedelta(minutes=10)  # a page that no probe carried by then has failed


def standing(lanes: Iterable[str]) -> dict[str, Circuit]:
    """The open circuits among these lanes."""
    return {each.lane: each for each in Circuit.objects.filter(lane__in=set(lanes), opened_at__isnull=False)}


def lets_through(circuit: Circuit, *, at: datetime) -> bool:
    """Whether this message is the probe. Only one is, until the pause is over once more."""
    due = Circuit.objects.filter(pk=circuit.pk, next_probe_at__lte=at)
    return bool(due.update(next_probe_at=at + timedelta(seconds=FIRST_PAUSE)))


def worked(lane: str) -> None:
    """It answers: the circuit closes, and earlier failures are forgotten."""
    if Circuit.objects.filter(lane=lane).delete()[0]:
        log.info("A provider answers again", extra={"lane": lane})


def failed(lane: str, reason: str, *, at: datetime) -> None:
    """One more failure in a row. The fifth opens the circuit; each that follows makes the pause longer."""
    Circuit.objects.get_or_create(lane=lane)
    row = Circuit.objects.select_for_update(no_key=True).get(lane=lane)
    row.failures, row.reason = row.failures + 1, reason
    if row.failures >= OPENS_AFTER:
        pause = min(FIRST_PAUSE * 2 ** min(row.failures - OPENS_AFTER, 10), LONGEST_PAUSE)
        row.next_probe_at = at + timedelta(seconds=pause)
        if row.opened_at is None:
            row.opened_at = at
            log.error("A provider fails and is left alone", extra={"lane": lane, "reason": reason})
    row.save()
