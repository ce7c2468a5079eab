"""The one loop for due work: list due ids, lock each alone, step, and pass by what is poisoned."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import models, transaction

from core.models import ClockTick

log = logging.getLogger(__name__)
Row = TypeVar("Row", bound=models.Model)


TICKED, FAILED = ("ticked_at", "ran_by", "handled"), ("failed_at", "failure")


def each_due(
    due: Callable[[], "models.QuerySet[Row]"],
    step: Callable[[Row], object],
    *,
    poisoned: Callable[[int, Exception], object],
    limit: int = 200,
) -> int:
    """Take every row of `due()` one step, each in its own transaction; how many were stepped.

    A row that another worker holds is skipped. A row whose step raises is rolled back, logged and handed to
    `poisoned(pk, error)` in a transaction of its own, which must move it out of the way (push its due moment ahead).
    """
    handled = 0
    queue = due()
    for pk in list(queue.values_list("pk", flat=True)[:limit]):
        try:
            with transaction.atomic():
                # Locked bare and read again: a joined lock loses the row when a neighbour changes at that moment.
                bare = queue.model._base_manager.filter(pk=pk).select_for_update(skip_locked=True, no_key=True)
                row = due().filter(pk=pk).first() if bare.values_list("pk", flat=True).first() else None
                if row is None:
                    continue
                step(row)
            handled += 1
        except Exception as error:  # one poisoned row must never hold up the others
            log.exception("A due row could not be handled and was put off", extra={"pk": pk})
            with transaction.atomic():
                poisoned(pk, error)
    return handled


def run(name: str, sweep: Callable[[datetime], int], *, at: datetime, ran_by: str) -> int:
    """Run one named sweep and leave its tick in PostgreSQL, failed or not; how many rows it handled."""
    try:
        handled = sweep(at)
    except Exception as error:
        log.exception("Sweep failed", extra={"sweep": name})
        _note(ClockTick(name=name, ticked_at=at, ran_by=ran_by, failed_at=at, failure=str(error)[:2000]), FAILED)
        raise
    _note(ClockTick(name=name, ticked_at=at, ran_by=ran_by, handled=handled), TICKED)
    return handled


def _note(tick: ClockTick, changed: tuple[str, ...]) -> None:
    """The row of this sweep, made or changed by one statement: two who come first at once do not collide."""
    ClockTick.objects.bulk_create([tick], update_conflicts=True, unique_fields=["name"], update_fields=changed)
