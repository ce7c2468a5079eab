"""The floor of bench/intake.py: the barest ASGI application that stores a body durably before it answers 200.

It has no keys, no checks and no limits. Commits are batched in the same way: what arrives while the last one runs.
"""

import asyncio
import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import psycopg  # noqa: E402

from alerts.door.line import address  # noqa: E402

TABLE = (
    "CREATE TABLE IF NOT EXISTS bench_inbox"
    " (id bigserial PRIMARY KEY, body bytea, received_at timestamptz DEFAULT now())"
)
waiting: list[tuple[bytes, "asyncio.Future[None]"]] = []
state: dict[str, Any] = {}


async def _commit() -> None:
    if "connection" not in state:
        state["connection"] = await psycopg.AsyncConnection.connect(**address(), autocommit=True)
        await state["connection"].execute(TABLE)
    while waiting:
        batch = waiting[:500]
        del waiting[:500]
        await state["connection"].execute(
            "INSERT INTO bench_inbox (body) SELECT unnest(%b::bytea[])", [[body for body, _ in batch]]
        )
        for _body, stored in batch:
            stored.set_result(None)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Store the body, then answer."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waiting.append((body, stored))
    if "task" not in state or state["task"].done():
        state["task"] = asyncio.ensure_future(_commit())
    await stored
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
