"""Waiting for another connection to wait: what makes a race a story with one order."""

import time

from django.db import connection


def until_somebody_waits_for(table: str, *, seconds: float = 10) -> None:
    """Return when another connection is held up by a lock while it reads or writes `table`."""
    ends = time.monotonic() + seconds
    asked = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        " AND query LIKE %s"
    )
    with connection.cursor() as cursor:
        while time.monotonic() < ends:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(asked, [f"%{table}%"])
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError(f"nobody waited for {table}")
