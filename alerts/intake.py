"""The HTTP door for machines: a thin ASGI endpoint beside Django."""

from typing import Any


async def intake(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 503, "headers": []})
    await send({"type": "http.response.body", "body": b""})
