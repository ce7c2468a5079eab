"""The floor of bench/live.py: the barest ASGI application that writes one text to every socket it holds. POST it."""

import asyncio
from typing import Any

sends: set[Any] = set()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": "welcome"})
        sends.add(send)
        try:
            while (await receive())["type"] != "websocket.disconnect":
                pass
        finally:
            sends.discard(send)
    elif scope["type"] == "http":
        body = (await receive()).get("body", b"").decode()
        await asyncio.gather(*(one({"type": "websocket.send", "text": body}) for one in list(sends)))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})
