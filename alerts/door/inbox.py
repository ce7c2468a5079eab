"""The durable inbox as the door sees it: what arrives while the last commit runs is committed together by one INSERT.

Nobody's future is fulfilled before its row is committed. Sources take turns, so a flood from one does not hold up the
others, and no source may fill more than half of the room.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import psycopg

from alerts.door.line import Connection, Line, Unavailable

log = logging.getLogger(__name__)
BATCH_ROWS, BATCH_BYTES = 500, 4 * 1024 * 1024
MOST_WAITING, MOST_BYTES = 4000, 64 * 1024 * 1024
COMMIT_SECONDS = 5.0
KEEP_UNREADABLE = 100
INSERT = (
    "INSERT INTO alerts_payload (source_id, body, content_type, received_at, state, attempts, next_attempt_at,"
    " alert_count, alert_ids, read_at, failure, trial)"
    " SELECT s, b, c, r, CASE f WHEN '' THEN 'waiting' ELSE 'unreadable' END, 0, CASE f WHEN '' THEN r END,"
    " 0, '{}', CASE f WHEN '' THEN NULL ELSE r END, f, ''"
    " FROM unnest(%b::bigint[], %b::bytea[], %b::text[], %b::timestamptz[], %b::text[]) AS t(s, b, c, r, f)"
)
PRUNE = (
    "DELETE FROM alerts_payload WHERE id IN (SELECT id FROM alerts_payload WHERE source_id = %s"
    " AND state = 'unreadable' ORDER BY id DESC OFFSET %s)"
)


class Refused(Exception):
    """PostgreSQL declined this one row: its source is gone."""


class Full(Exception):
    """There is no room for more at this moment."""


@dataclass(slots=True, eq=False)
class Row:
    """One payload on its way into the inbox. `failure`: the sentence, where it cannot be read."""

    source: int
    body: bytes
    content_type: str
    received_at: datetime
    failure: str = ""
    stored: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Inbox:
    """The queue, its batches and its room."""

    def __init__(self, *, after_commit: Callable[[], object]) -> None:
        self._line, self._after_commit = Line(), after_commit
        self._queues: dict[int, deque[Row]] = {}
        self._waiting = 0
        self._held: dict[int, int] = {}
        self._held_by_all = 0
        self._running: asyncio.Task[None] | None = None

    def hold(self, source: int, size: int) -> bool:
        """Make room for so many bytes of a source; False when it or everyone together has too many."""
        held = self._held.get(source, 0) + size
        if self._held_by_all + size > MOST_BYTES or held > MOST_BYTES // 2:
            return False
        self._held[source] = held
        self._held_by_all += size
        return True

    def release(self, source: int, size: int) -> None:
        """Give room back."""
        self._held_by_all -= size
        left = self._held.get(source, 0) - size
        if left > 0:
            self._held[source] = left
        else:
            self._held.pop(source, None)

    async def store(self, row: Row) -> None:
        """Return when the row is committed. `Full`, `Refused` or `Unavailable` when it is not."""
        queue = self._queues.setdefault(row.source, deque())
        if self._waiting >= MOST_WAITING or len(queue) >= MOST_WAITING // 2:
            raise Full
        queue.append(row)
        self._waiting += 1
        if self._running is None or self._running.done():
            self._running = asyncio.ensure_future(self._run())
        await row.stored

    async def _run(self) -> None:
        while self._waiting:
            batch = self._next_batch()
            try:
                await self._commit(batch)
            except Exception as error:
                if not isinstance(error, Unavailable):
                    log.exception("A batch of payloads could not be stored")
                for row in batch:
                    _fail(row, Unavailable(str(error)))

    def _next_batch(self) -> list[Row]:
        batch: list[Row] = []
        size = 0
        while self._queues and len(batch) < BATCH_ROWS and size < BATCH_BYTES:
            source = next(iter(self._queues))
            queue = self._queues.pop(source)
            row = queue.popleft()
            batch.append(row)
            size += len(row.body)
            if queue:
                self._queues[source] = queue  # at the end: the next turn is another source's
        self._waiting -= len(batch)
        return batch

    async def _commit(self, batch: list[Row]) -> None:
        try:
            await self._line.use(_insert(batch), seconds=COMMIT_SECONDS)
        except (psycopg.DataError, psycopg.IntegrityError):
            await self._commit_singly(batch)
        else:
            for row in batch:
                if not row.stored.done():
                    row.stored.set_result(None)
        self._after_commit()
        if spoilt := {row.source for row in batch if row.failure}:
            await self._prune(spoilt)

    async def _commit_singly(self, batch: list[Row]) -> None:
        """One row spoils its batch; alone, it spoils only itself."""
        for row in batch:
            try:
                await self._line.use(_insert([row]), seconds=COMMIT_SECONDS)
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                log.warning("A payload was declined", extra={"source": row.source, "error": str(error)[:200]})
                _fail(row, Refused())
            else:
                if not row.stored.done():
                    row.stored.set_result(None)

    async def _prune(self, sources: set[int]) -> None:
        async def work(connection: Connection) -> None:
            for source in sources:
                await connection.execute(PRUNE, [source, KEEP_UNREADABLE])

        try:
            await self._line.use(work, seconds=COMMIT_SECONDS)
        except (Unavailable, psycopg.Error):
            log.warning("Old unreadable payloads could not be thrown away; the hourly sweep does it")

    async def close(self) -> None:
        """Finish what is under way and hang up."""
        if self._running is not None:
            await asyncio.wait({self._running}, timeout=COMMIT_SECONDS)
        await self._line.close()


def _insert(batch: list[Row]) -> Callable[[Connection], Awaitable[None]]:
    async def work(connection: Connection) -> None:
        await connection.execute(
            INSERT,
            [
                [row.source for row in batch],
                [row.body for row in batch],
                [row.content_type for row in batch],
                [row.received_at for row in batch],
                [row.failure for row in batch],
            ],
        )

    return work


def _fail(row: Row, error: Exception) -> None:
    if not row.stored.done():
        row.stored.set_exception(error)
