"""One browser at one room: a bounded queue and a writer, so that a slow one never holds up the others."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from incidents.board import Reader
from incidents.room.visitors import Visitor

QUEUE = 32
TOO_SLOW = 1013
TOO_LOUD = 1008
GONE = 0  # no code: there is nobody to tell
FAREWELL_SECONDS = 2.0
STUCK_SECONDS = 10.0  # one message not taken for so long: the other end is gone or asleep
MOST_HEARD = 20  # messages in ten seconds; browsers send none

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Socket:
    """Accepted and open. `after`: the newest line the browser has. `reader`: how the parts it was sent were rendered;
    None until it was sent a whole snapshot."""

    __slots__ = ("_code", "_queue", "_send", "_writer", "after", "reader", "visitor")

    def __init__(self, visitor: Visitor, send: Send, *, after: int) -> None:
        self.visitor = visitor
        self.after = after
        self.reader: Reader | None = None
        self._send = send
        self._queue: deque[str] = deque()
        self._code: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._writer: asyncio.Task[None] | None = None  # there is one only while something is being written

    @property
    def is_new(self) -> bool:
        return self.reader is None

    def put(self, text: str) -> None:
        """Queue a message. A browser that does not keep up is closed, and comes back to a fresh snapshot."""
        if self._code.done():
            return
        if len(self._queue) >= QUEUE:
            self.close(TOO_SLOW)
            return
        self._queue.append(text)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    def close(self, code: int) -> None:
        """Close with `code` as soon as may be; what is still queued is dropped."""
        if not self._code.done():
            self._code.set_result(code)

    async def live(self, receive: Receive) -> None:
        """Hear until the browser goes or is sent away."""
        ear = asyncio.create_task(self._hear(receive))
        try:
            ends: list[asyncio.Future[Any]] = [ear, self._code]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._queue.clear()
            for task in (ear, self._writer):
                if task is not None:
                    task.cancel()
            await asyncio.gather(*filter(None, (ear, self._writer)), return_exceptions=True)
        if self._code.done() and self._code.result():
            with contextlib.suppress(Exception):
                async with asyncio.timeout(FAREWELL_SECONDS):
                    await self._send({"type": "websocket.close", "code": self._code.result()})

    async def _write(self) -> None:
        try:
            while self._queue:
                async with asyncio.timeout(STUCK_SECONDS):
                    await self._send({"type": "websocket.send", "text": self._queue.popleft()})
        except TimeoutError:
            self.close(TOO_SLOW)
        except Exception:
            self.close(GONE)  # the other end is gone; the ear hears it next
        finally:
            self._writer = None

    async def _hear(self, receive: Receive) -> None:
        heard, since = 0, time.monotonic()
        while (await receive())["type"] != "websocket.disconnect":
            if time.monotonic() - since > 10:
                heard, since = 0, time.monotonic()
            heard += 1
            if heard > MOST_HEARD:
                self.close(TOO_LOUD)
                return
        self.close(GONE)
