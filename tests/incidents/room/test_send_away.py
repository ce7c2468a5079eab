"""Who must leave the room, and at once."""

import asyncio

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import User
from incidents import actions
from incidents.models import Incident
from tests.incidents.room.lines import do, entered, knocking, note, numbers, played


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


def test_a_browser_that_shouts_is_closed(incident: Incident, ben: User) -> None:
    knock = knocking(ben, incident.reference)

    async def story() -> None:
        line, _snapshot = await entered(knock)
        for _ in range(30):
            line.outbox.put_nowait({"type": "websocket.receive", "text": "x"})
        assert await line.code() == 1008

    played(story())
