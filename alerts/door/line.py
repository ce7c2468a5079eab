"""A line of its own to PostgreSQL: opened when needed, dropped when it breaks, opened again by the next who asks."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import psycopg
from django.conf import settings

CONNECT_SECONDS = 3.0
NOT_LIBPQ = {"pool", "server_side_binding", "isolation_level", "assume_role", "connect_timeout"}
Connection = psycopg.AsyncConnection[Any]
Found = TypeVar("Found")


class Unavailable(Exception):
    """PostgreSQL cannot be asked, or did not answer in time. Nothing is known to be stored."""


class Line:
    """One connection in autocommit. Who comes while it is in use waits."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()
        self._closing: set[asyncio.Task[Any]] = set()

    async def use(self, work: Callable[[Connection], Awaitable[Found]], *, seconds: float) -> Found:
        """What `work` makes of the connection; `Unavailable` when it takes too long or the connection is lost.

        A connection that was idle may have died unnoticed (PostgreSQL was restarted), so work is tried again on a new
        one. Errors in the data come through as psycopg raises them.
        """
        async with self._turn:
            was_idle = self._connection is not None
            begun = time.monotonic()
            try:
                return await self._once(work, seconds)
            except Unavailable:
                if not was_idle or time.monotonic() - begun > 1:
                    raise
            return await self._once(work, seconds)

    async def _once(self, work: Callable[[Connection], Awaitable[Found]], seconds: float) -> Found:
        try:
            connection = self._connection
            if connection is None:
                connection = await asyncio.wait_for(self._open(), CONNECT_SECONDS)
        except (psycopg.Error, OSError, TimeoutError) as error:
            raise Unavailable(type(error).__name__) from None
        task = asyncio.ensure_future(work(connection))
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if not done:
            self._drop(connection, task)
            raise Unavailable("it did not answer in time")
        try:
            return task.result()
        except (psycopg.DataError, psycopg.IntegrityError):
            raise
        except (psycopg.Error, OSError) as error:
            self._drop(connection)
            raise Unavailable(f"{type(error).__name__}: {str(error)[:200]}") from None

    async def _open(self) -> Connection:
        self._connection = await psycopg.AsyncConnection.connect(**address(), autocommit=True)
        return self._connection

    def _drop(self, connection: Connection, *tasks: asyncio.Task[Any]) -> None:
        """Forget the connection now; what still runs on it is ended in the background."""
        self._connection = None

        async def end() -> None:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks or {asyncio.ensure_future(asyncio.sleep(0))}, timeout=15)
            with contextlib.suppress(Exception):
                await connection.close()

        closing = asyncio.ensure_future(end())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def address() -> dict[str, Any]:
    """Where the default database is, as psycopg takes it."""
    row: dict[str, Any] = settings.DATABASES["default"]
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    found = {name: row[key] for name, key in names.items() if row.get(key)}
    options = {name: value for name, value in row.get("OPTIONS", {}).items() if name not in NOT_LIBPQ}
    return {**found, **options, "connect_timeout": int(CONNECT_SECONDS), "application_name": "muster intake"}
