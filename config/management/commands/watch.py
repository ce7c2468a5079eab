"""The watchman: runs every sweep that is late, with the same function and the same claims as a worker."""

import logging
import signal
import threading
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config import alarm, auditing, clocks
from config.sweeps import SWEEPS
from core.models import ClockTick

log = logging.getLogger(__name__)
STARTING_SECONDS = 30
ALARM_SECONDS = 30  # so long the watchman does the workers' work before he wakes somebody
MARK_SECONDS = 10
OFTEN = 10


class Relief:
    """Which sweeps the watchman runs in the workers' place, and since when (seconds of a monotonic clock)."""

    def __init__(self) -> None:
        self.since: dict[str, float] = {}

    def took(self, name: str, now: float) -> bool:
        """He ran it. Whether this is news. What runs seldom anyway says nothing about the workers."""
        is_news = name not in self.since
        if SWEEPS[name].every <= OFTEN:
            self.since.setdefault(name, now)
        return is_news

    def came_back(self, names: set[str]) -> None:
        """These are run by workers again."""
        for name in names:
            self.since.pop(name, None)

    def longest(self, now: float) -> tuple[str, float]:
        """The sweep he has run for longest, and for how long; ("", 0) where there is none."""
        if not self.since:
            return "", 0.0
        name = min(self.since, key=lambda each: (self.since[each], each))
        return name, now - self.since[name]


class Command(BaseCommand):
    help = "Watch the clocks, and run any sweep that is late by more than five seconds."

    def handle(self, *args: Any, **options: Any) -> None:
        over = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            over.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        log.info("The watchman is on his round; the clocks are being started")
        relief, begun, marked = Relief(), time.monotonic(), float("-inf")
        while not over.wait(1.0):
            close_old_connections()
            now = time.monotonic()
            starting = now - begun < STARTING_SECONDS  # after a pause every clock is late for a moment
            try:
                marked = self._mark(now, marked)
                self._round(relief, now, starting=starting)
            except Exception:
                log.exception("The watchman cannot read the clocks")

    def _mark(self, now: float, marked: float) -> float:
        """Leave word every ten seconds that the watchman is on his round; when he last did."""
        if now - marked < MARK_SECONDS:
            return marked
        ClockTick.objects.update_or_create(
            name=auditing.WATCHMAN, defaults={"ticked_at": timezone.now(), "ran_by": "watchman"}
        )
        return now

    def _round(self, relief: Relief, now: float, *, starting: bool) -> None:
        overdue = clocks.late()
        if relief.since:
            relief.came_back(set(ClockTick.objects.filter(ran_by="worker").values_list("name", flat=True)))
        for name, seconds in overdue.items():
            if not starting and relief.took(name, now):
                log.error(
                    "A clock is late; the watchman runs it", extra={"sweep": name, "late": clocks.lateness(seconds)}
                )
            try:
                clocks.run_now(name, ran_by="watchman")
            except Exception:
                log.exception("The watchman could not run a sweep", extra={"sweep": name})
        name, seconds = relief.longest(now)
        if seconds >= ALARM_SECONDS:
            sentence = _("No worker runs the clock %(subject)s; the watchman runs it in their place.")
            alarm.raise_alarm("workers", sentence, subject=name, at=timezone.now())
