"""What is over is not kept for ever; what somebody still needs is."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.sessions import old_sessions_due
from config.keeping import old_messages_due
from incidents.actions import close, declare, resolve
from incidents.paging import page
from notifications import keeping
from notifications.actions import add_method, send_again, send_test, vouch
from notifications.models import Attempt, Message
from postmortems.models import Postmortem
from tests.world import PASSWORD, World


def test_a_session_that_expired_is_thrown_away_and_one_in_use_is_not(world: World, client: Client) -> None:
    client.post("/accounts/login/", {"login": world.admin.email, "password": PASSWORD})
    assert Session.objects.count() == UserSession.objects.count() == 1
    world.traveller.shift(timedelta(days=13))
    assert old_sessions_due(world.now) == 0
    other = Client()
    other.post("/accounts/login/", {"login": world.admin.email, "password": PASSWORD})
    world.traveller.shift(timedelta(days=2))
    assert old_sessions_due(world.now) == 1
    assert Session.objects.count() == UserSession.objects.count() == 1
    assert other.get("/settings/people/").status_code == 200


def message(world: World, topic: str, **fields: Any) -> Message:
    known = {"state": "sent", "sent_at": world.now, "kind": "page", "channel": "email", "address": "a@example.com"}
    found = Message.objects.create(
        topic=topic, person=world.admin, idempotency_key=topic, created_at=world.now, **{**known, **fields}
    )
    Attempt.objects.create(message=found, number=1, started_at=world.now, outcome="sent")
    return found


def test_messages_are_forgotten_after_half_a_year_but_not_before_and_not_where_they_are_needed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "AT_ONCE", 2)

    def incident(title: str) -> tuple[Any, str]:
        found = declare(title=title, severity=world.severity("SEV3"), service=None, actor=world.admin, at=world.now)
        return found, page(found, world.admin, reason="asked", at=world.now).topic

    Message.objects.all().delete()
    (over, over_topic), (running, running_topic), (written, written_topic) = map(incident, ("A", "B", "C"))
    Message.objects.all().delete()
    for each in (over, written):
        close(resolve(each, actor=world.admin, at=world.now), actor=world.admin, at=world.now)
    Postmortem.objects.filter(incident=over).delete()
    lesson, _ = Postmortem.objects.get_or_create(incident=written, defaults={"drafted_at": world.now})
    kept = [message(world, running_topic), message(world, written_topic)]
    kept.append(message(world, "untold", state="failed", sent_at=None))
    kept.append(message(world, "waiting", state="queued", sent_at=None, next_attempt_at=world.now))
    for topic in (over_topic, "notice/1", "notice/2"):
        message(world, topic)
    message(world, "told", state="failed", sent_at=None, failure_told_at=world.now)

    world.traveller.shift(timedelta(days=179))
    assert old_messages_due(world.now) == 0
    world.traveller.shift(timedelta(days=2))
    young = message(world, "notice/3")
    assert old_messages_due(world.now) == 4
    assert set(Message.objects.all()) == {*kept, young}
    assert Attempt.objects.count() == 5

    Postmortem.objects.filter(pk=lesson.pk).update(state="published")
    assert old_messages_due(world.now) == 1
    assert not Message.objects.filter(topic=written_topic).exists()
    assert running.pk


def test_a_test_and_a_repeat_still_go_out_when_earlier_ones_are_forgotten(world: World) -> None:
    method = world.admin.contact_methods.first() or vouch(
        add_method(world.admin, channel="email", address="x@example.com", actor=world.admin, at=world.now),
        actor=world.admin,
        at=world.now,
    )
    first, second = (send_test(method, at=world.now) for _ in range(2))
    first.delete()
    assert send_test(method, at=world.now).pk != second.pk
    failed = message(world, "notice/9", kind="notice", state="failed", sent_at=None)
    first, second = (send_again(failed, at=world.now) for _ in range(2))
    first.delete()
    assert send_again(failed, at=world.now).pk != second.pk
