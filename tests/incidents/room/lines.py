"""The room's websocket, spoken to as a browser does, over real PostgreSQL and a real Redis."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.models import User
from incidents import actions
from incidents.models import Incident
from incidents.room import hub, websocket

SOON = 5.0  # generous: these stories are about what arrives; how fast is measured by tests/browser and bin/bench live
WITHOUT_HINTS = 8.0


class Line:
    """One socket at the room, from the browser's side."""

    def __init__(
        self,
        cookie: str,
        path: str,
        *,
        origin: str | None,
        after: int,
        host: str,
        scheme: str,
        proxy_says: str,
        reads: str = "",
    ) -> None:
        headers = [(b"host", host.encode()), (b"cookie", f"sessionid={cookie}".encode())]
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        if proxy_says:
            headers.append((b"x-forwarded-proto", proxy_says.encode()))
        if reads:
            headers.append((b"accept-language", reads.encode()))
        self.scope = {
            "type": "websocket", "scheme": scheme, "path": path, "query_string": f"after={after}".encode(),
            "headers": headers,
        }  # fmt: skip
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.may_send = asyncio.Event()
        self.may_send.set()
        self.texts: list[str] = []
        self.task = asyncio.create_task(websocket(self.scope, self.outbox.get, self._send))
        self.outbox.put_nowait({"type": "websocket.connect"})

    async def _send(self, event: dict[str, Any]) -> None:
        await self.may_send.wait()
        self.inbox.put_nowait(event)

    async def event(self, seconds: float = SOON) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            return await self.inbox.get()

    async def message(self, seconds: float = SOON) -> dict[str, Any]:
        event = await self.event(seconds)
        assert event["type"] == "websocket.send", event
        self.texts.append(event["text"])
        return json.loads(event["text"])

    async def until(self, wanted: Callable[[dict[str, Any]], bool], seconds: float = SOON) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            while True:
                found = await self.message(seconds + 1)
                if wanted(found):
                    return found

    async def code(self, seconds: float = SOON) -> int:
        """The code it is closed with."""
        async with asyncio.timeout(seconds):
            while True:
                event = await self.inbox.get()
                if event["type"] == "websocket.close":
                    return int(event["code"])

    async def leave(self) -> None:
        self.outbox.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await self.task


def cookie_of(person: User | None) -> str:
    if person is None:
        return "nonsense"
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.cookies["sessionid"].value


def knocking(
    person: User | None,
    reference: str,
    *,
    origin: str | None = "http://muster.test",
    after: int = 0,
    host: str = "muster.test",
    scheme: str = "ws",
    proxy_says: str = "",
    reads: str = "",
) -> Callable[[], Line]:
    cookie, path = cookie_of(person), f"/ws/incidents/{reference}/"
    return lambda: Line(
        cookie, path, origin=origin, after=after, host=host, scheme=scheme, proxy_says=proxy_says, reads=reads
    )


async def entered(knock: Callable[[], Line]) -> tuple[Line, dict[str, Any]]:
    """An accepted line and its snapshot."""
    line = knock()
    assert (await line.event(5))["type"] == "websocket.accept"
    return line, await line.message(5)


def played(story: Awaitable[None]) -> None:
    """Run the story, and leave no room and no connection behind."""

    async def whole() -> None:
        try:
            await asyncio.wait_for(story, 60)
        finally:
            running = [one._running for one in list(hub._hubs.values())]
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await asyncio.get_running_loop().shutdown_default_executor()

    asyncio.run(whole())
    hub._sockets_of.clear()


@sync_to_async(thread_sensitive=False)
def do(verb: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """A deed in a thread of its own, as a web request is."""
    try:
        return verb(*args, **more)
    finally:
        connections.close_all()


def note(incident: Incident, text: str, actor: User) -> Awaitable[Any]:
    return do(actions.add_note, incident, text, actor=actor, at=timezone.now())


def numbers(message: dict[str, Any]) -> list[int]:
    return [seq for seq, _html in message["lines"]]
