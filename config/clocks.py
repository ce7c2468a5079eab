"""The edge of the clocks: reads the time, runs one sweep of the table, and what follows it."""

import logging

from django.utils import timezone

from config.sweeps import SWEEPS
from core import sweep
from core.models import ClockTick

log = logging.getLogger(__name__)
LATE_SECONDS = 5.0


def run_now(name: str, *, ran_by: str) -> int:
    """Run sweep `name` and, when it handled something, the sweep that follows it; how many rows the first handled."""
    handled = sweep.run(name, SWEEPS[name].function(), at=timezone.now(), ran_by=ran_by)
    if handled and SWEEPS[name].then:
        run_now(SWEEPS[name].then, ran_by=ran_by)
    return handled


def lateness(seconds: float) -> str:
    """How late, in words."""
    return f"late by {seconds:.0f} s" if seconds < float("inf") else "has never run"


def late() -> dict[str, float]:
    """Sweeps whose last tick is older than their period by more than five seconds, and by how many seconds."""
    at = timezone.now()
    ticked = dict(ClockTick.objects.values_list("name", "ticked_at"))
    overdue = {}
    for name, row in SWEEPS.items():
        age = (at - ticked[name]).total_seconds() if name in ticked else float("inf")
        if age > row.every + LATE_SECONDS:
            overdue[name] = age
    return overdue
