"""How long a request waits for PostgreSQL. Inside `within(15)` nothing asked of it takes longer than that, even of a
server that hangs; and after it could not be reached, nobody waits for it again for a moment.

The bound is the client's own: `statement_timeout` is kept by the server, which cannot keep it while it hangs, and
`tcp_user_timeout` knows nothing of Unix sockets.
"""

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError

OPEN_FOR = 2.0
AWAY = ("08", "53300", "57P01", "57P02", "57P03")  # connection trouble, too many of them, going down or coming up
_until: ContextVar[float | None] = ContextVar("muster_patience", default=None)


class TookTooLong(psycopg.OperationalError):
    """PostgreSQL did not answer in the time there was. Its connection is closed."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Inside it PostgreSQL is waited for until so many seconds from now in all, or until an outer bound if sooner."""
    until, outer = time.monotonic() + seconds, _until.get()
    token = _until.set(until if outer is None else min(until, outer))
    try:
        yield
    finally:
        _until.reset(token)


def left() -> float | None:
    """Seconds that are left; None where nothing bounds them."""
    until = _until.get()
    return None if until is None else max(0.0, until - time.monotonic())


class Connection(psycopg.Connection[Any]):
    """A connection that gives up when there is no time left, wherever it is waiting."""

    def wait(self, gen: Any, *args: Any, **more: Any) -> Any:
        until = _until.get()
        if until is None:
            return super().wait(gen, *args, **more)
        try:
            return super().wait(_bounded(gen, until), *args, **more)
        except TookTooLong:
            with suppress(psycopg.Error):  # a server that is merely slow is told to stop
                self.cancel_safe(timeout=0.5)
            self.pgconn.finish()
            raise


def _bounded(gen: Any, until: float) -> Generator[Any, Any, Any]:
    try:
        asked = next(gen)
        while True:
            ready = yield asked
            if not ready and time.monotonic() > until:
                raise TookTooLong("PostgreSQL did not answer in time")
            asked = gen.send(ready)
    except StopIteration as done:
        return done.value


class Fuse:
    """Blown when PostgreSQL could not be reached: for two seconds everybody is told so at once, then one may try."""

    def __init__(self, seconds: float = OPEN_FOR) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._blown_until = 0.0

    def require_whole(self) -> None:
        """Raises psycopg.OperationalError while it is blown."""
        if not self._blown_until:
            return
        with self._lock:
            now = time.monotonic()
            if now < self._blown_until:
                raise psycopg.OperationalError("PostgreSQL could not be reached a moment ago")
            if self._blown_until:
                self._blown_until = now + self._seconds  # this one tries

    def blow(self) -> None:
        with self._lock:
            self._blown_until = time.monotonic() + self._seconds

    def mend(self) -> None:
        if self._blown_until:
            with self._lock:
                self._blown_until = 0.0


def is_away(error: BaseException | None) -> bool:
    """Whether this says that PostgreSQL cannot be reached or does not answer, and not that it declined something."""
    if not isinstance(error, OperationalError | InterfaceError | psycopg.OperationalError | psycopg.InterfaceError):
        return False
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    state = getattr(cause, "sqlstate", None)
    return state is None or state.startswith(AWAY)
