"""What is pushed into the room, to whom, and when."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.utils import timezone

from accounts.models import User
from incidents import actions
from incidents.models import Escalation, Incident, Page, Presence
from incidents.timeline import group_of
from notifications.models import Message
from tests.incidents.room.lines import SOON, WITHOUT_HINTS, do, entered, knocking, note, numbers, played
from tests.world import World


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
