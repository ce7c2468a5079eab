"""The watchman: runs every sweep that is late, with the same function and the same claims as a worker."""

import logging
import signal
import threading
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from config import clocks

log = logging.getLogger(__name__)
STARTING_SECONDS = 30


class Command(BaseCommand):
    help = "Watch the clocks, and run any sweep that is late by more than five seconds."

    def handle(self, *args: Any, **options: Any) -> None:
        over = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            over.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        log.info("The watchman is on his round; the clocks are being started")
        alarmed: set[str] = set()
        begun = time.monotonic()
        while not over.wait(1.0):
            close_old_connections()
            try:
                overdue = clocks.late()
            except Exception:
                log.exception("The watchman cannot read the clocks")
                continue
            starting = time.monotonic() - begun < STARTING_SECONDS  # after a pause every clock is late for a moment
            for name, seconds in overdue.items():
                if name not in alarmed and not starting:
                    log.error(
                        "A clock is late; the watchman runs it",
                        extra={"sweep": name, "late": clocks.lateness(seconds)},
                    )
                try:
                    clocks.run_now(name, ran_by="watchman")
                except Exception:
                    log.exception("The watchman could not run a sweep", extra={"sweep": name})
            alarmed = set() if starting else set(overdue)
