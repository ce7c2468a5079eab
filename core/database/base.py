"""The backend that DATABASES names."""

from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout

from core import patience

CHECKING = 2.0  # seconds in which a pooled connection must show that it lives


class DatabaseWrapper(base.DatabaseWrapper):
    """Waits for a connection no longer than the request has time, and not at all just after that was in vain."""

    fuse = patience.Fuse()

    @property
    def pool(self) -> Any:
        """Of connections that have patience."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if isinstance(options, dict):
            options.setdefault("connection_class", patience.Connection)
        return super().pool

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """One out of the pool, found alive."""
        pool = self.pool
        if pool is None:
            return super().get_new_connection(conn_params)
        self.fuse.require_whole()
        troubles, remaining = _troubles(pool), patience.left()
        try:
            pool.open()
            with patience.within(CHECKING):
                connection = pool.getconn(timeout=min(pool.timeout, pool.timeout if remaining is None else remaining))
        except PoolTimeout:
            if _troubles(pool) > troubles:  # PostgreSQL is away; without trouble, all connections are merely in use
                self.fuse.blow()
            raise
        self.fuse.mend()
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return connection


def _troubles(pool: Any) -> int:
    """How often a connection could not be made or was found lost, so far."""
    found: dict[str, int] = pool.get_stats()
    return found.get("connections_errors", 0) + found.get("connections_lost", 0)
