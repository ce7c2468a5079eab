"""The room's websocket, spoken to as a browser does, over real PostgreSQL and a real Redis."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.models import User
from incidents import actions
from incidents.board import PARTS
from incidents.models import Escalation, Incident, Page, Presence
from incidents.room import hub, websocket
from incidents.timeline import group_of
from notifications.models import Message
from tests.world import World

SOON = 5.0  # generous: these stories are about what arrives; how fast is measured by tests/browser and bin/bench live
WITHOUT_HINTS = 8.0


@pytest.fixture
def town(transactional_db: None, settings: Any, tmp_path: Path) -> World:
    """A committed world on the real clock: sockets live in real time."""
    return World(None, settings, tmp_path)


@pytest.fixture
def ben(town: World) -> User:
    return town.person("Ben Ortiz")


@pytest.fixture
def cleo(town: World) -> User:
    return town.person("Cleo Diaz")


@pytest.fixture
def incident(town: World, ben: User) -> Incident:
    return actions.declare(title="Fire", severity=town.severity("SEV2"), service=None, actor=ben, at=timezone.now())


class Line:
    """One socket at the room, from the browser's side."""

    def __init__(self, cookie: str, path: str, *, origin: str | None, after: int, host: str = "muster.test") -> None:
        headers = [(b"host", host.encode()), (b"cookie", f"sessionid={cookie}".encode())]
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        self.scope = {
            "type": "websocket", "path": path, "query_string": f"after={after}".encode(), "headers": headers,
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
    person: User | None, reference: str, *, origin: str | None = "http://muster.test", after: int = 0
) -> Callable[[], Line]:
    cookie = cookie_of(person)
    return lambda: Line(cookie, f"/ws/incidents/{reference}/", origin=origin, after=after)


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


@pytest.mark.parametrize(
    "origin", [None, "", "null", "http://evil.test", "http://muster.test.evil.test", "http://muster.test:81", "[::"]
)
def test_a_page_of_another_origin_is_refused(incident: Incident, ben: User, origin: str | None) -> None:
    knock = knocking(ben, incident.reference, origin=origin)

    async def story() -> None:
        assert await knock().code() == 4403

    played(story())


def test_the_door_is_closed_before_it_opens_to_whom_it_must_not(town: World, incident: Incident, ben: User) -> None:
    secret = actions.declare(
        title="Leak", severity=town.severity("SEV1"), service=None, actor=ben, at=timezone.now(), private=True
    )
    gone = town.person("Gone Girl")
    gone_knocks = knocking(gone, incident.reference)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    otto = town.person("Otto Outside", role="manager")
    late = town.person("Lea Late")
    late_knocks = knocking(late, incident.reference)
    Session.objects.update(expire_date=timezone.now() - timedelta(days=1))
    changed = town.person("Paul Password")
    changed_knocks = knocking(changed, incident.reference)
    changed.set_password("another password entirely")
    changed.save()

    async def story() -> None:
        assert await knocking(None, incident.reference)().code() == 4401
        assert await gone_knocks().code() == 4401
        assert await late_knocks().code() == 4401
        assert await changed_knocks().code() == 4401
        for reference in (secret.reference, "INC-99999", "nonsense", "INC-0"):
            assert await (await do(knocking, otto, reference))().code() == 4404

    played(story())


def test_who_enters_gets_a_whole_snapshot(incident: Incident, ben: User) -> None:
    for number in range(3):
        actions.add_note(incident, f"n{number}", actor=ben, at=timezone.now())
    knock, late = knocking(ben, incident.reference), knocking(ben, incident.reference, after=3)

    async def story() -> None:
        _line, snapshot = await entered(knock)
        assert set(snapshot["parts"]) == set(PARTS)
        assert numbers(snapshot) == [1, 2, 3, 4]
        assert snapshot["head"] == 4
        _line, rest = await entered(late)
        assert numbers(rest) == [4]

    played(story())


def test_a_deed_reaches_everyone_by_its_hint_as_the_same_bytes(
    incident: Incident, ben: User, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incidents.room.hub.LOOK_EVERY", 60)
    knocks = [knocking(person, incident.reference) for person in (ben, cleo)]

    async def story() -> None:
        lines = [(await entered(knock))[0] for knock in knocks]
        await asyncio.sleep(1.2)
        for line in lines:
            while not line.inbox.empty():
                await line.message()
            line.texts.clear()
        await note(incident, "quick", ben)
        found = [await line.until(lambda message: numbers(message) == [2]) for line in lines]
        assert "quick" in found[0]["lines"][0][1]
        assert lines[0].texts[-1] == lines[1].texts[-1]

    played(story())


def test_only_what_changed_is_pushed(incident: Incident, ben: User) -> None:
    knock = knocking(ben, incident.reference)

    async def story() -> None:
        line, _snapshot = await entered(knock)
        await asyncio.sleep(1)
        await note(incident, "small", ben)
        found = await line.until(lambda message: numbers(message) == [2])
        assert "room-head" not in found["parts"]
        assert "room-roles" not in found["parts"]
        await do(actions.mitigate, incident, actor=ben, at=timezone.now())
        found = await line.until(lambda message: 3 in numbers(message))
        assert "Monitoring" in found["parts"]["room-head"]

    played(story())


def test_a_storm_is_gathered_into_two_pushes_a_second_and_nothing_is_missing(incident: Incident, ben: User) -> None:
    knock = knocking(ben, incident.reference)

    async def story() -> None:
        line, _snapshot = await entered(knock)
        seen, pushes = {1}, 0
        began = asyncio.get_running_loop().time()
        writing = asyncio.create_task(write_many())
        while len(seen) < 101:
            message = await line.message(5)
            pushes += 1
            assert not seen & set(numbers(message)), "nothing twice"
            seen |= set(numbers(message))
        took = asyncio.get_running_loop().time() - began
        await writing
        assert seen == set(range(1, 102))
        assert pushes <= 2 * took + 3

    async def write_many() -> None:
        for number in range(100):
            await note(incident, f"n{number}", ben)

    played(story())


def test_the_room_stays_live_without_redis(incident: Incident, ben: User, settings: Any) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["redis://127.0.0.1:9/0"]},
        }
    }
    knock = knocking(ben, incident.reference)

    async def story() -> None:
        line, _snapshot = await entered(knock)
        await note(incident, "without", ben)
        await line.until(lambda message: numbers(message) == [2], WITHOUT_HINTS)

    played(story())


def test_deliveries_and_timers_move_the_room_without_a_line_in_the_story(
    town: World, incident: Incident, ben: User
) -> None:
    page = Page.objects.create(incident=incident, person=ben, reason="on call", paged_at=timezone.now())
    message = Message.objects.create(
        topic=page.topic, kind="page", person=ben, channel="email", address="a@example.com", subject="s",
        idempotency_key="k", state="sending", lease_token=uuid.uuid4(), lease_until=timezone.now(),
        created_at=timezone.now(),
    )  # fmt: skip
    knock = knocking(ben, incident.reference)

    async def story() -> None:
        line, _snapshot = await entered(knock)
        await do(Message.objects.filter(pk=message.pk).update, state="delivered")
        found = await line.until(lambda told: "room-paging" in told["parts"], WITHOUT_HINTS)
        assert "Delivered" in found["parts"]["room-paging"]
        await do(Escalation.objects.filter(incident=incident).update, state="stopped", next_step_at=None)
        await line.until(lambda told: "room-paging" in told["parts"], WITHOUT_HINTS)

    played(story())


def test_the_channel_carries_numbers_and_no_words(incident: Incident, ben: User) -> None:
    async def story() -> None:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(group_of(incident.pk), channel)
        await note(incident, "secret words", ben)
        async with asyncio.timeout(SOON):
            hint = await layer.receive(channel)
        assert hint == {"type": "hint", "seq": 2}

    played(story())


@pytest.mark.parametrize("how", ["signed out", "deactivated", "role", "password", "private", "dismissed"])
def test_the_socket_closes_in_a_moment_when_the_right_to_be_here_ends(
    incident: Incident, ben: User, cleo: User, how: str
) -> None:
    if how == "dismissed":
        actions.set_visibility(incident, private=True, actor=ben, at=timezone.now())
        actions.admit(incident, cleo, actor=ben, at=timezone.now())
    knock, stays = knocking(cleo, incident.reference), knocking(ben, incident.reference)
    people = User.objects.filter(pk=cleo.pk)

    async def story() -> None:
        other, _snapshot = await entered(stays)
        line, _snapshot = await entered(knock)
        if how == "signed out":
            key = line.scope["headers"][1][1].decode().split("=")[1]
            await do(Session.objects.filter(session_key=key).delete)
        elif how == "deactivated":
            await do(people.update, is_active=False)
        elif how == "role":
            await do(people.update, role="viewer")
        elif how == "password":
            await do(people.update, password="changed")
        elif how == "private":
            await do(actions.set_visibility, incident, private=True, actor=ben, at=timezone.now())
        else:
            await do(actions.dismiss, incident, cleo, actor=ben, at=timezone.now())
        assert await line.code(4) == (4404 if how in {"private", "dismissed"} else 4401)
        assert not other.task.done()

    played(story())


def test_nothing_is_pushed_to_whom_it_became_private(incident: Incident, ben: User, cleo: User) -> None:
    knock = knocking(cleo, incident.reference)

    async def story() -> None:
        line, _snapshot = await entered(knock)

        def both() -> None:
            actions.set_visibility(incident, private=True, actor=ben, at=timezone.now())
            actions.add_note(incident, "now secret", actor=ben, at=timezone.now())

        await do(both)
        heard = []
        async with asyncio.timeout(3):
            while (event := await line.inbox.get())["type"] == "websocket.send":
                heard.append(event["text"])
        assert event["code"] == 4404
        assert not any("now secret" in text for text in heard)

    played(story())


def test_a_browser_that_takes_nothing_is_closed_and_holds_nobody_up(
    incident: Incident, ben: User, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incidents.room.socket.QUEUE", 2)
    monkeypatch.setattr("incidents.room.hub.APART", 0.05)
    slow_knocks, quick_knocks = knocking(cleo, incident.reference), knocking(ben, incident.reference)

    async def story() -> None:
        slow, _snapshot = await entered(slow_knocks)
        quick, _snapshot = await entered(quick_knocks)
        slow.may_send.clear()
        for number in range(8):
            await note(incident, f"n{number}", ben)
            await quick.until(lambda message, wanted=number + 2: wanted in numbers(message), 2)
        slow.may_send.set()
        assert await slow.code() == 1013

    played(story())


def test_who_is_here_is_seen_and_who_left_is_not(town: World, incident: Incident, ben: User, cleo: User) -> None:
    knocks = [knocking(person, incident.reference) for person in (ben, cleo)]
    elsewhere, killed = town.person("Eve Elsewhere"), town.person("Karl Killed")
    for person, seconds in ((elsewhere, 5), (killed, 60)):
        Presence.objects.create(
            incident=incident, person=person, process=uuid.uuid4(), seen_at=timezone.now() - timedelta(seconds=seconds)
        )

    async def story() -> None:
        first, snapshot = await entered(knocks[0])
        here = snapshot["parts"]["room-here"]
        assert "Ben Ortiz" in here
        assert "Eve Elsewhere" in here, "seen by another process"
        assert "Karl Killed" not in here, "whose process was killed a minute ago"
        second, snapshot = await entered(knocks[1])
        assert "Ben Ortiz" in snapshot["parts"]["room-here"]
        await first.until(lambda message: "Cleo Diaz" in message["parts"].get("room-here", ""), 2)
        await second.leave()
        found = await first.until(lambda message: "room-here" in message["parts"], 12)
        assert "Cleo Diaz" not in found["parts"]["room-here"]
        await first.leave()
        async with asyncio.timeout(15):
            while await do(Presence.objects.filter(person__in=[ben, cleo]).exists):
                await asyncio.sleep(0.2)

    played(story())


def test_a_heartbeat_tells_the_newest_number(incident: Incident, ben: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incidents.room.hub.BEAT_EVERY", 0.5)
    monkeypatch.setattr("incidents.room.hub.LOOK_EVERY", 0.3)
    knock = knocking(ben, incident.reference)

    async def story() -> None:
        line, _snapshot = await entered(knock)
        beat = await line.until(lambda message: message["kind"] == "beat", 10)
        assert beat == {"kind": "beat", "head": 1}

    played(story())


def test_a_browser_that_shouts_is_closed(incident: Incident, ben: User) -> None:
    knock = knocking(ben, incident.reference)

    async def story() -> None:
        line, _snapshot = await entered(knock)
        for _ in range(30):
            line.outbox.put_nowait({"type": "websocket.receive", "text": "x"})
        assert await line.code() == 1008

    played(story())


def test_one_person_has_at_most_twenty_windows(incident: Incident, ben: User) -> None:
    knock = knocking(ben, incident.reference)

    async def story() -> None:
        for _ in range(20):
            assert (await knock().event())["type"] == "websocket.accept"
        assert await knock().code() == 1013

    played(story())


def test_each_reader_reads_in_their_own_language_and_zone(town: World, incident: Incident, ben: User) -> None:
    berlin = town.person("Bea Berlin", time_zone="Asia/Tokyo")
    viewer = town.person("Vera View", role="viewer")
    knocks = [knocking(person, incident.reference) for person in (ben, berlin, viewer)]

    async def story() -> None:
        utc, tokyo, looking = [(await entered(knock))[1] for knock in knocks]
        assert "UTC" in utc["lines"][0][1]
        assert "JST" in tokyo["lines"][0][1]
        assert "hx-post" in utc["parts"]["room-moves"]
        assert "hx-post" not in "".join(looking["parts"].values())

    played(story())


def test_a_reader_far_behind_is_told_to_begin_anew(town: World, incident: Incident, ben: User) -> None:
    for number in range(220):
        actions.add_note(incident, f"n{number}", actor=ben, at=timezone.now())
    knock = knocking(ben, incident.reference, after=1)

    async def story() -> None:
        line, snapshot = await entered(knock)
        assert (snapshot["gap"], snapshot["lines"], snapshot["head"]) == (True, [], 221)
        await note(incident, "next", ben)
        assert numbers(await line.until(lambda message: bool(message["lines"]))) == [222]

    played(story())
