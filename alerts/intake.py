"""The HTTP door for machines: `POST /in/<kind>/<key>`, with or without a slash at its end. A thin ASGI endpoint.

A payload is committed before its sender is answered. Whoever has no valid key is not listened to: the body is not even
read. It never redirects, since senders repeat a redirected POST as an empty GET (docs/alerts.md).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from django.utils import timezone

from alerts import reading
from alerts.door import bodies
from alerts.door.bodies import Gone, Overflow, Turned
from alerts.door.inbox import Full, Inbox, Refused, Row
from alerts.door.keyring import Key, Keyring
from alerts.door.line import Line, Unavailable
from alerts.door.tally import ACCEPTED, OVERLOADED, REFUSED, Tally
from alerts.normal import Unreadable
from alerts.sources import TOOLS, Tool
from core import tokens

UNREADABLE_A_MINUTE, UNREADABLE_BYTES = 60, 256 * 1024
TITLES = {
    400: "This cannot be read",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    413: "Too large",
    415: "Unsupported encoding",
    503: "Try again",
}
NO_SUCH_DOOR = "There is no alert source with this address. Copy it from the source's page; keys are shown once."
NOT_NOW = "Muster cannot store this at the moment, so it has not been accepted. Send it again in a few seconds."
Send = Callable[[dict[str, Any]], Any]


class Door:
    """Everything one event loop needs to take payloads."""

    def __init__(self, after_commit: Callable[[], object]) -> None:
        self.line = Line()
        self.keys, self.tally = Keyring(self.line), Tally(self.line)
        self.inbox = Inbox(after_commit=after_commit)
        self._unreadable: dict[int, tuple[datetime, int]] = {}

    async def answer(self, scope: dict[str, Any], receive: bodies.Receive, send: Send) -> None:
        """Take one request."""
        try:
            tool, key = await self._opened(scope["path"], timezone.now())
            if scope["method"] != "POST":
                raise Turned(405, "Alerts are sent by POST.")
            headers = dict(scope["headers"])
            bodies.announced(headers)
            await self._take(tool, key, headers, receive)
        except Overflow as much:
            await _problem(send, much.status, much.sentence, while_sent=bodies.discard(receive))
        except Turned as turned:
            await _problem(send, turned.status, turned.sentence)
        except Unavailable:
            await _problem(send, 503, NOT_NOW)
        except Gone:
            return
        else:
            await send(_accepted(tool.answer))
            await send(ACCEPTED_BODY)

    async def _opened(self, path: str, now: datetime) -> tuple[Tool, Key]:
        parts = path.split("/")
        if len(parts) == 5 and not parts[4]:
            parts.pop()
        if len(parts) != 4 or not 0 < len(parts[3]) <= 200:
            raise Turned(404, NO_SUCH_DOOR)
        key = await self.keys.find(tokens.digest(parts[3]), now=now)
        if key is None or key.kind != parts[2] or key.kind not in TOOLS:
            raise Turned(404, NO_SUCH_DOOR)
        return TOOLS[key.kind], key

    async def _take(self, tool: Tool, key: Key, headers: dict[bytes, bytes], receive: bodies.Receive) -> None:
        held = 0

        def hold(size: int) -> bool:
            nonlocal held
            fits = self.inbox.hold(key.source, size)
            held += size if fits else 0
            return fits

        try:
            raw = await bodies.read(receive, hold)
            await self._keep(tool, key, headers, raw)
        except (Full, Unavailable, Turned) as trouble:
            if not isinstance(trouble, Turned) or trouble.status == 503:
                self.tally.count(key.source, OVERLOADED, at=timezone.now())
            if isinstance(trouble, Full):
                raise Turned(503, NOT_NOW) from None
            raise
        finally:
            self.inbox.release(key.source, held)

    async def _keep(self, tool: Tool, key: Key, headers: dict[bytes, bytes], raw: bytes) -> None:
        at = timezone.now()
        body, failure = raw, ""
        try:
            body = bodies.unpack(raw, headers)
            tool.check(reading.read(body))
        except Unreadable as unreadable:
            failure = unreadable.sentence
        except ValueError as damage:
            failure = f"The body is said to be compressed, but cannot be unpacked: {damage}."
        words = headers.get(b"content-type", b"").decode("ascii", "replace")[:120].replace("\x00", "")
        try:
            if failure:
                await self._keep_unreadable(key.source, body, words, failure, at)
            else:
                await self.inbox.store(Row(key.source, body, words, at))
                self.tally.count(key.source, ACCEPTED, at=at)
        except Refused:
            raise Turned(404, NO_SUCH_DOOR) from None

    async def _keep_unreadable(self, source: int, body: bytes, words: str, failure: str, at: datetime) -> None:
        """Keep it for the source's page, within bounds, and say what is wrong with it."""
        self.tally.count(source, REFUSED, at=at)
        minute = at.replace(second=0, microsecond=0)
        since, kept = self._unreadable.get(source, (minute, 0))
        kept = kept if since == minute else 0
        self._unreadable[source] = (minute, kept + 1)
        if kept < UNREADABLE_A_MINUTE:
            cut = "" if len(body) <= UNREADABLE_BYTES else f" Only its first {UNREADABLE_BYTES // 1024} KiB are kept."
            await self.inbox.store(Row(source, body[:UNREADABLE_BYTES], words, at, failure + cut))
        raise Turned(400, failure)

    async def close(self) -> None:
        """Finish what is under way and let go of the database."""
        await self.inbox.close()
        await self.tally.write()
        await self.line.close()


_doors: WeakKeyDictionary[asyncio.AbstractEventLoop, Door] = WeakKeyDictionary()
_after_commit: list[Callable[[], object]] = []


def after_commit(call: Callable[[], object]) -> None:
    """Have `call` made, in the event loop and so in no time, whenever payloads have been committed."""
    _after_commit[:] = [call]


def _committed() -> None:
    for call in _after_commit:
        call()


def door() -> Door:
    """The door of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _doors.get(loop)
    if found is None:
        found = _doors[loop] = Door(_committed)
    return found


async def intake(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer one request to /in/…"""
    await door().answer(scope, receive, send)


ACCEPTED_WORDS = b'{"status":"accepted"}'
ACCEPTED_BODY = {"type": "http.response.body", "body": ACCEPTED_WORDS}
_STARTS: dict[int, dict[str, Any]] = {}


def _accepted(status: int) -> dict[str, Any]:
    if status not in _STARTS:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ACCEPTED_WORDS))]
        _STARTS[status] = {"type": "http.response.start", "status": status, "headers": headers}
    return _STARTS[status]


async def _problem(send: Send, status: int, sentence: str, *, while_sent: Awaitable[None] | None = None) -> None:
    """Say what is wrong. The answer is on its way, but not ended, until `while_sent` is done."""
    body = json.dumps({"type": "about:blank", "title": TITLES[status], "status": status, "detail": sentence}).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", b"%d" % len(body))]
    if status == 405:
        headers.append((b"allow", b"POST"))
    if status == 503:
        headers.append((b"retry-after", b"5"))
    if status in {408, 413}:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if while_sent is None:
        await send({"type": "http.response.body", "body": body})
        return
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await while_sent
    await send({"type": "http.response.body"})
