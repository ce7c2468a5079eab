"""The door of the room: who may come in is judged before the socket is accepted."""

import logging
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async

from incidents.room import hub, origins, visitors
from incidents.room.socket import Receive, Send, Socket

log = logging.getLogger(__name__)
FORBIDDEN = 4403
TRY_LATER = 1013
SOCKETS_A_PERSON = 20


async def websocket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """The ASGI application of /ws/incidents/<reference>/.

    Closed before it is accepted (a browser sees a refused handshake): 4403 a foreign origin, 4401 signed out, 4404
    nothing there that the person may see, 1013 the database is away or the person has too many windows. Afterwards 4401
    and 4404 mean that the right to be here ended.
    """
    event = await receive()
    if event["type"] != "websocket.connect":
        return
    answer = await _judge(scope)
    if isinstance(answer, int):
        await send({"type": "websocket.close", "code": answer})
        return
    await send({"type": "websocket.accept"})
    socket = Socket(answer, send, after=_after(scope))
    room = hub.enter(socket)
    try:
        await socket.live(receive)
    finally:
        room.leave(socket)


async def _judge(scope: dict[str, Any]) -> visitors.Visitor | int:
    headers = dict(scope["headers"])
    if not origins.is_own(scope):
        return FORBIDDEN
    knock = database_sync_to_async(visitors.knock, thread_sensitive=False)
    try:
        visitor: visitors.Visitor | int = await knock(
            scope["path"], headers.get(b"cookie", b""), headers.get(b"accept-language", b"")
        )
    except Exception:
        log.exception("The door of a room could not ask the database")
        return TRY_LATER
    if isinstance(visitor, visitors.Visitor) and hub.sockets_of(visitor.person) >= SOCKETS_A_PERSON:
        return TRY_LATER
    return visitor


def _after(scope: dict[str, Any]) -> int:
    """The newest line the browser has already; 0 for none. Nonsense counts as none."""
    text = parse_qs(scope.get("query_string", b"").decode("latin1")).get("after", ["0"])[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
