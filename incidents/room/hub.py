"""One hub a process and room: one subscription, one reading, one rendering for each kind of reader, the same bytes to
every socket.

A hint from the channel layer makes it look at once; without any (the layer is down, or has gone deaf) it looks by
itself every two seconds, so Redis makes the room quicker and is never needed.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections import Counter
from typing import Any

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.db import DatabaseError
from django.utils import timezone
from psycopg_pool import PoolTimeout

from incidents import board
from incidents.board import Reader
from incidents.room import presence, visitors
from incidents.room.socket import Socket
from incidents.room.visitors import Standing, Visitor
from incidents.timeline import group_of

log = logging.getLogger(__name__)
APART = 0.5  # seconds between two pushes: at most two a second
GATHER = 0.03  # so that people who come together, and lines of one transaction, share one reading
CROWD = 2000  # sockets; the more there are, the longer newcomers are gathered
LOOK_EVERY = 1.6  # seconds; permission is judged anew each time, so a socket outlives its right by two at most
BEAT_EVERY = 20.0
LAYER_PATIENCE = 2.0
LINGER = 3.0  # a reload is not a departure

_hubs: dict[tuple[int, int], "Hub"] = {}
_sockets_of: Counter[int] = Counter()

Group = tuple[int, bool]  # the newest line the sockets have; whether they need every part
Rendered = tuple[dict[str, str], dict[Group, str], int]


def enter(socket: Socket) -> "Hub":
    """The hub of the visitor's room, with the socket in it."""
    key = (id(asyncio.get_running_loop()), socket.visitor.incident)
    hub = _hubs.get(key)
    if hub is None or hub.is_over:
        hub = _hubs[key] = Hub(socket.visitor.incident, key)
    hub.join(socket)
    return hub


def sockets_of(person: int) -> int:
    """How many sockets this person has in all rooms of this process."""
    return _sockets_of[person]


class Hub:
    """The sockets of one room in this process."""

    def __init__(self, pk: int, key: tuple[int, int]) -> None:
        self.pk = pk
        self.sockets: set[Socket] = set()
        self.is_over = False
        self._key = key
        self._wake = asyncio.Event()
        self._pulse: Any = None
        self._shown: dict[Reader, dict[str, str]] = {}  # the parts at rest, as each kind of reader saw them last
        self._head = 0
        self._pushed_at = 0.0
        self._beaten_at = time.monotonic()
        self._left: dict[int, float] = {}
        self._told: frozenset[int] = frozenset()
        self._told_at = 0.0
        self._is_deaf = False
        self._running = asyncio.create_task(self._run())

    def join(self, socket: Socket) -> None:
        """Count the socket in; it is sent a whole snapshot."""
        self.sockets.add(socket)
        _sockets_of[socket.visitor.person] += 1
        self._wake.set()

    def leave(self, socket: Socket) -> None:
        """Count the socket out. Safe to say twice."""
        if socket not in self.sockets:
            return
        self.sockets.discard(socket)
        person = socket.visitor.person
        self._left[person] = time.monotonic()
        _sockets_of[person] -= 1
        if _sockets_of[person] <= 0:
            del _sockets_of[person]
        self._wake.set()

    async def _run(self) -> None:
        ear = asyncio.create_task(self._listen())
        try:
            while self.sockets or self._left or self._told:
                try:
                    await self._tell_presence()
                    await self._look()
                except (DatabaseError, PoolTimeout) as error:
                    log.warning("A room waits for the database", extra={"error": type(error).__name__})
                except Exception:
                    log.exception("A room could not be looked at; it is tried again", extra={"incident": self.pk})
                await self._wait()
        finally:
            self.is_over = True
            if _hubs.get(self._key) is self:
                del _hubs[self._key]
            ear.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ear

    async def _wait(self) -> None:
        """Until somebody hints, comes or goes, or it is time to look by oneself: at once after a quiet while, never
        more than twice a second, but for those who have just come."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY):
                await self._wake.wait()
        pause = GATHER + min(0.25, len(self.sockets) / CROWD)
        if not any(socket.is_new for socket in self.sockets):
            pause = max(GATHER, self._pushed_at + APART - time.monotonic())
        await asyncio.sleep(pause)
        self._wake.clear()

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear_hints()
            except Exception as error:
                if not self._is_deaf:
                    log.warning("The channel layer is away; rooms look by themselves", extra={"error": repr(error)})
                self._is_deaf = True
            await asyncio.sleep(LAYER_PATIENCE)

    async def _hear_hints(self) -> None:
        layer = get_channel_layer()
        if layer is None:
            return
        async with asyncio.timeout(LAYER_PATIENCE):
            channel = await layer.new_channel()
            await layer.group_add(group_of(self.pk), channel)
        self._is_deaf = False
        self._wake.set()
        try:
            while True:
                await layer.receive(channel)
                self._wake.set()
        finally:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(LAYER_PATIENCE):
                    await layer.group_discard(group_of(self.pk), channel)

    async def _tell_presence(self) -> None:
        now = time.monotonic()
        self._left = {person: at for person, at in self._left.items() if now - at < LINGER}
        people = frozenset(socket.visitor.person for socket in self.sockets) | frozenset(self._left)
        if people == self._told and now - self._told_at < presence.RENEW_SECONDS:
            return
        await _in_thread(presence.tell)(self.pk, people, at=timezone.now())
        if people != self._told:
            await _hint(self.pk)
        self._told, self._told_at = people, now

    async def _look(self) -> None:
        """Judge who may stay, and push what has changed to those who may."""
        sockets = list(self.sockets)
        if not sockets:
            return
        standing, pulse = await _in_thread(_judge_and_feel)(self.pk, sockets)
        staying = [socket for socket in sockets if not self._send_away(socket, standing)]
        if pulse is not None and (pulse != self._pulse or any(socket.is_new for socket in staying)):
            await self._push(staying, standing)
            self._pulse = pulse
        self._beat()

    def _send_away(self, socket: Socket, standing: Standing) -> bool:
        code = standing.judge(socket.visitor)
        if code:
            socket.close(code)
            self.leave(socket)
            self._left.pop(socket.visitor.person, None)
        return bool(code)

    async def _push(self, sockets: list[Socket], standing: Standing) -> None:
        kinds: dict[Reader, dict[Group, list[Socket]]] = {}
        for socket in sockets:
            reader = standing.reader(socket.visitor)
            group = (socket.after, socket.reader != reader)
            kinds.setdefault(reader, {}).setdefault(group, []).append(socket)
        wanted = {reader: list(groups) for reader, groups in kinds.items()}
        visitors_now = [socket.visitor for socket in sockets]
        rendered, narrower = await _in_thread(_render)(self.pk, wanted, self._shown, visitors_now)
        self._shown = {}
        for reader, (still, texts, head) in rendered.items():
            self._shown[reader] = still
            self._head = max(self._head, head)
            for group, text in texts.items():
                for socket in kinds[reader][group]:
                    if narrower is not None and self._send_away(socket, narrower):
                        continue  # it became private while it was read
                    socket.after, socket.reader = head, reader
                    if text:
                        socket.put(text)
        self._pushed_at = time.monotonic()

    def _beat(self) -> None:
        if time.monotonic() - self._beaten_at < BEAT_EVERY:
            return
        self._beaten_at = time.monotonic()
        text = json.dumps({"kind": "beat", "head": self._head})
        for socket in list(self.sockets):
            if not socket.is_new:
                socket.put(text)


def _in_thread(function: Any) -> Any:
    """The function on a database connection of its own thread: one slow room never holds up another."""
    return database_sync_to_async(function, thread_sensitive=False)


def _judge_and_feel(pk: int, sockets: list[Socket]) -> tuple[Standing, Any]:
    at = timezone.now()
    return visitors.standing(pk, [socket.visitor for socket in sockets], at=at), board.pulse(pk, at=at)


def _render(
    pk: int, kinds: dict[Reader, list[Group]], shown: dict[Reader, dict[str, str]], held: list[Visitor]
) -> tuple[dict[Reader, Rendered], Standing | None]:
    """For each kind of reader: its parts at rest, the message for each group of sockets (empty: nothing new for them),
    and the number of the newest line. And where the incident is private, who may be told what was read: judged after
    the reading, since it may have become private in between."""
    found = _rendered(pk, kinds, shown)
    return found, visitors.standing_if_private(pk, held, at=timezone.now())


def _rendered(pk: int, kinds: dict[Reader, list[Group]], shown: dict[Reader, dict[str, str]]) -> dict[Reader, Rendered]:
    now = board.read(pk, at=timezone.now())
    found: dict[Reader, Rendered] = {}
    for reader, groups in kinds.items():
        parts = board.render(now, reader)
        before = shown.get(reader, {})
        still = {name: board.at_rest(html) for name, html in parts.items()}
        fresh = {name: html for name, html in parts.items() if before.get(name) != still[name]}
        texts: dict[Group, str] = {}
        for after, is_whole in groups:
            message = board.message(now, reader, after=after, html=parts if is_whole else fresh)
            worth = message["parts"] or message["lines"] or message["gap"]
            texts[(after, is_whole)] = json.dumps(message, ensure_ascii=False) if worth else ""
        found[reader] = (still, texts, now.incident.head)
    return found


async def _hint(pk: int) -> None:
    """Tell the hubs of other processes that somebody came or went."""
    layer = get_channel_layer()
    if layer is not None:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(LAYER_PATIENCE):
                await layer.group_send(group_of(pk), {"type": "hint", "seq": 0})
