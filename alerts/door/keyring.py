"""Which keys open the door: all that are valid, read as one table and kept for seconds.

A key that is not in the table costs one look at a newer table, shared by everyone who asks at that moment and taken ten
times a second at most; so guessing keys costs the database the same however many guess.
"""

import asyncio
import time
from datetime import datetime
from typing import NamedTuple

from alerts.door.line import Connection, Line, Unavailable

FRESH, STALE = 1.5, 4.0  # seconds: younger is used, older is renewed beside, still older is waited for
LOOKS_APART = 0.1
PATIENCE = 3.0
QUERY = (
    "SELECT k.digest, k.source_id, s.kind, k.expires_at FROM alerts_sourcekey k"
    " JOIN alerts_alertsource s ON s.id = k.source_id WHERE s.disabled_at IS NULL"
    " AND (k.expires_at IS NULL OR k.expires_at > %s)"
)


class Key(NamedTuple):
    """What a valid key opens, and until when."""

    source: int
    kind: str
    expires_at: datetime | None


class Keyring:
    """The table, its age, and the one look that may be under way."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._table: dict[bytes, Key] = {}
        self._begun = float("-inf")  # when the look began that made the table
        self._look: asyncio.Task[None] | None = None
        self._look_begun = float("-inf")

    async def find(self, digest: bytes, *, now: datetime) -> Key | None:
        """The key of this digest, valid at `now`; None if there is none; `Unavailable` when nobody can tell."""
        asked = time.monotonic()
        found, age = self._table.get(digest), asked - self._begun
        if found is None or age > STALE:
            while self._begun < asked:
                await self._looked(now)
            found = self._table.get(digest)
        elif age > FRESH:
            self._begin(now)
        return found if found and (found.expires_at is None or now < found.expires_at) else None

    async def _looked(self, now: datetime) -> None:
        task = self._begin(now)
        await asyncio.wait({task})
        if error := task.exception():
            raise Unavailable(str(error)) from None

    def _begin(self, now: datetime) -> asyncio.Task[None]:
        if self._look is None or self._look.done():
            self._look = asyncio.ensure_future(self._read(now))
            self._look.add_done_callback(_heard)
        return self._look

    async def _read(self, now: datetime) -> None:
        wait = self._look_begun + LOOKS_APART - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        begun = self._look_begun = time.monotonic()

        async def work(connection: Connection) -> list[tuple[bytes, int, str, datetime | None]]:
            cursor = await connection.execute(QUERY, [now])
            return await cursor.fetchall()

        rows = await self._line.use(work, seconds=PATIENCE)
        self._table = {bytes(digest): Key(source, kind, until) for digest, source, kind, until in rows}
        self._begun = begun


def _heard(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()  # whoever waits hears it; a look taken beside may fail in silence and is taken again
