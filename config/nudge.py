"""After payloads were committed: a hint to the workers, so that reading them begins at once and not at the next tick.

Only a hint. It is given from a thread of its own at most ten times a second, never waits for anyone, and may be lost:
the table of clocks reads the inbox every second anyway.
"""

import logging
import threading
import time

log = logging.getLogger(__name__)
APART, AFTER_TROUBLE = 0.1, 5.0


class Nudge:
    """Call it as often as you like."""

    def __init__(self, sweep: str, *, queue: str) -> None:
        self._sweep, self._queue = sweep, queue
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    def __call__(self) -> None:
        self._wanted.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"nudge {self._sweep}", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        from config.celery import tick

        while True:
            self._wanted.wait()
            self._wanted.clear()
            try:
                tick.apply_async([self._sweep], queue=self._queue, expires=5, retry=False)
            except Exception as error:
                log.info("The workers could not be nudged", extra={"error": type(error).__name__})
                time.sleep(AFTER_TROUBLE)
            time.sleep(APART)


payloads_arrived = Nudge("payloads", queue="intake")
