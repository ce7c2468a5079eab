"""One browser at one room: a bounded queue and a writer, so that a slow one never holds up the others."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from incidents.board import Reader
from incidents.room.visitors import Visitor

QUEUE = 32
TOO_SLOW = 1013
TOO_LOUD = 1008
STUCK_SECONDS = 10.0  # one message not taken for so long: the other end is gone or asleep
MOST_HEARD = 20  # messages in ten seconds; browsers send none

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Socket:
    """Accepted and open. `after`: the newest line the browser has. `reader`: how the parts it was sent were rendered;
    None until it was sent a whole snapshot."""

    def __init__(self, visitor: Visitor, send: Send, *, after: int) -> None:
        self.visitor = visitor
        self.after = after
        self.reader: Reader | None = None
        self._send = send
        self._queue: asyncio.Queue[str] = asyncio.Queue(QUEUE)
        self._closing: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def is_new(self) -> bool:
        return self.reader is None

    def put(self, text: str) -> None:
        """Queue a message. A browser that does not keep up is closed, and comes back to a fresh snapshot."""
        try:
            self._queue.put_nowait(text)
        except asyncio.QueueFull:
            self.close(TOO_SLOW)

    def close(self, code: int) -> None:
        """Close with `code` as soon as may be; what is still queued is dropped."""
        if not self._closing.done():
            self._closing.set_result(code)

    async def live(self, receive: Receive) -> None:
        """Speak until the browser goes or is sent away."""
        tasks = [asyncio.ensure_future(part) for part in (self._write(), self._hear(receive), self._closing)]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        code = next((task.result() for task in done if not task.cancelled() and task.exception() is None), None)
        if code:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(2):
                    await self._send({"type": "websocket.close", "code": code})

    async def _write(self) -> int:
        while True:
            text = await self._queue.get()
            try:
                async with asyncio.timeout(STUCK_SECONDS):
                    await self._send({"type": "websocket.send", "text": text})
            except TimeoutError:
                return TOO_SLOW

    async def _hear(self, receive: Receive) -> int:
        heard, since = 0, time.monotonic()
        while True:
            event = await receive()
            if event["type"] == "websocket.disconnect":
                return 0
            if time.monotonic() - since > 10:
                heard, since = 0, time.monotonic()
            heard += 1
            if heard > MOST_HEARD:
                return TOO_LOUD
