"""How much comes from each source, minute by minute. Figures only: lost ones cost nobody an alert."""

import asyncio
from datetime import datetime

import psycopg

from alerts.door.line import Connection, Line, Unavailable

EVERY = 1.0
SECONDS = 3.0
MOST_KEPT = 10_000
ACCEPTED, REFUSED, OVERLOADED = 0, 1, 2
UPSERT = (
    "INSERT INTO alerts_sourceminute (source_id, minute, accepted, refused, overloaded)"
    " SELECT t.source, t.minute, t.a, t.r, t.o"
    " FROM unnest(%s::bigint[], %s::timestamptz[], %s::int[], %s::int[], %s::int[]) AS t(source, minute, a, r, o)"
    " JOIN alerts_alertsource s ON s.id = t.source ORDER BY 1, 2"
    " ON CONFLICT (source_id, minute) DO UPDATE SET accepted = alerts_sourceminute.accepted + EXCLUDED.accepted,"
    " refused = alerts_sourceminute.refused + EXCLUDED.refused,"
    " overloaded = alerts_sourceminute.overloaded + EXCLUDED.overloaded"
)
SEEN = (
    "UPDATE alerts_alertsource s SET last_seen_at = greatest(s.last_seen_at, t.seen)"
    " FROM unnest(%s::bigint[], %s::timestamptz[]) AS t(id, seen) WHERE s.id = t.id"
)


class Tally:
    """Counts in memory, written a second later."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._counts: dict[tuple[int, datetime], list[int]] = {}
        self._seen: dict[int, datetime] = {}
        self._writing: asyncio.Task[None] | None = None

    def count(self, source: int, what: int, *, at: datetime) -> None:
        """One more of `what` (ACCEPTED, REFUSED or OVERLOADED)."""
        self._counts.setdefault((source, at.replace(second=0, microsecond=0)), [0, 0, 0])[what] += 1
        self._seen[source] = at
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self._write_until_done())

    async def _write_until_done(self) -> None:
        while self._counts:
            await asyncio.sleep(EVERY)
            await self.write()

    async def write(self) -> None:
        """Write what has been counted; figures that cannot be written are kept for the next second."""
        counts, seen, self._counts, self._seen = self._counts, self._seen, {}, {}
        if not counts:
            return

        async def work(connection: Connection) -> None:
            async with connection.transaction():
                keys = sorted(counts)
                figures = [[counts[key][what] for key in keys] for what in range(3)]
                await connection.execute(UPSERT, [[key[0] for key in keys], [key[1] for key in keys], *figures])
                ids = sorted(seen)
                await connection.execute(SEEN, [ids, [seen[one] for one in ids]])

        try:
            await self._line.use(work, seconds=SECONDS)
        except (Unavailable, psycopg.Error):
            self._take_back(counts, seen)

    def _take_back(self, counts: dict[tuple[int, datetime], list[int]], seen: dict[int, datetime]) -> None:
        for key in sorted(counts)[-MOST_KEPT:]:
            kept = self._counts.setdefault(key, [0, 0, 0])
            self._counts[key] = [a + b for a, b in zip(kept, counts[key], strict=True)]
        self._seen = {**seen, **self._seen}
