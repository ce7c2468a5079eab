"""Publish a hint after commit: who watches reads PostgreSQL. Hints carry numbers, never content."""

import asyncio
import logging

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

log = logging.getLogger(__name__)
PATIENCE = 1.0  # seconds; a hung Redis must not hold up the person who acts


def publish(group: str, **hint: int | str) -> None:
    """After commit, tell everyone listening to `group` that something changed. Never raises: a lost hint is healed
    by the room's heartbeat."""

    def hint_after_commit() -> None:
        try:
            async_to_sync(_send)(group, hint)
        except Exception:
            log.warning("A live hint was not sent", extra={"group": group})

    transaction.on_commit(hint_after_commit, robust=True)


async def _send(group: str, hint: dict[str, int | str]) -> None:
    layer = get_channel_layer()
    if layer is not None:
        async with asyncio.timeout(PATIENCE):
            await layer.group_send(group, {"type": "hint", **hint})
