"""A shift is offered, and somebody else takes it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from core.errors import Refused
from notifications.models import Message
from oncall import actions, queries
from oncall.models import Duty, Schedule, Swap
from tests.oncall.making import at, schedule, weekly
from tests.oncall.pages import text, trio
from tests.world import World


def holders(plan: Schedule, moment: str, duty: Duty = Duty.PRIMARY) -> list[str]:
    return [person.name.split()[0] for person in queries.on_call_now(plan, at=at(moment))[duty]]


def offer(world: World, plan: Schedule, person: Any, since: str, until: str, **more: Any) -> Swap:
    return actions.offer_shift(
        plan, duty=more.pop("duty", "primary"), person=person, starts_at=at(since), ends_at=at(until), actor=person,
        at=world.now, **more,
    )  # fmt: skip


def told(person: Any) -> list[str]:
    return [message.subject for message in Message.objects.filter(person=person).order_by("id")]


def link(person: Any) -> str:
    """The newest link that was sent to somebody, as a path."""
    for message in Message.objects.filter(person=person).order_by("-id"):
        found = re.search(r"https?://[^/\s]+(/take/\S+)", message.text)
        if found:
            return found[1]
    raise AssertionError("no link")


def test_half_a_shift_is_taken_by_one_tap_and_everybody_else_is_told(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann, ben, cat)
    offer(world, plan, ann, "2026-01-06T12:00", "2026-01-07T00:00", reason="Dentist")
    assert told(ben) == ["Can you take a shift of Ann Doe?"]
    assert "Dentist" in Message.objects.get(person=ben).text
    phone = Client()
    assert "Take this shift" in text(phone.get(link(ben)))
    assert holders(plan, "2026-01-06T13:00") == ["Ann"]  # looking changes nothing
    assert "It is yours" in text(phone.post(link(ben), {"answer": "accept"}))
    assert [holders(plan, moment) for moment in ("2026-01-06T11:59", "2026-01-06T12:00", "2026-01-07T00:00")] == [
        ["Ann"], ["Ben"], ["Ann"],
    ]  # fmt: skip
    assert told(ann) == ["Ben Doe takes your shift"]
    assert told(cat)[-1] == "Taken: the shift of Ann Doe"
    assert phone.post(link(ben), {"answer": "accept"}).status_code == 200  # twice is peace
    late = phone.post(link(cat), {"answer": "accept"})
    assert (late.status_code, "Ben Doe was first" in text(late)) == (409, True)


def test_an_exchange_gives_each_the_others_shift(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann, ben)
    back = actions.Exchange("primary", at("2026-01-13T10:00"), at("2026-01-14T10:00"))
    swap = offer(world, plan, ann, "2026-01-06T10:00", "2026-01-07T10:00", to=ben, in_return=back)
    assert "takes yours in return" in Message.objects.get(person=ben).text
    actions.accept_swap(swap, actor=ben, at=world.now)
    assert holders(plan, "2026-01-06T11:00") == ["Ben"]
    assert holders(plan, "2026-01-13T11:00") == ["Ann"]
    assert holders(plan, "2026-01-14T11:00") == ["Ben"]


def test_a_shift_that_was_taken_over_may_be_handed_on(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann, ben, cat)
    first = offer(world, plan, ann, "2026-01-06T10:00", "2026-01-07T10:00")
    actions.accept_swap(first, actor=ben, at=world.now)
    second = offer(world, plan, ben, "2026-01-06T14:00", "2026-01-06T18:00")
    actions.accept_swap(second, actor=cat, at=world.now)
    moments = ["2026-01-06T13:00", "2026-01-06T15:00", "2026-01-06T19:00", "2026-01-07T11:00"]
    assert [holders(plan, moment) for moment in moments] == [["Ben"], ["Cat"], ["Ben"], ["Ann"]]


def test_what_stands_in_the_way_of_a_swap_is_said(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann)
    actions.add_rotation(plan, weekly(ben, duty="secondary", name="Second"), actor=ann, at=world.now)
    viewer = world.person("Vic Viewer", role="viewer")
    world.team("Payments", ann, ben, cat)
    swap = offer(world, plan, ann, "2026-01-06T10:00", "2026-01-07T10:00")
    sentences = {
        ben: "nobody can hold both duties",
        ann: "somebody else must take it",
        viewer: "may not respond",
    }
    for person, sentence in sentences.items():
        with pytest.raises(Refused, match=sentence):
            actions.accept_swap(swap, actor=person, at=world.now)
    actions.add_absence(
        cat, kind="holiday", starts_at=at("2026-01-06T00:00"), ends_at=at("2026-01-08T00:00"), actor=cat, at=world.now
    )
    with pytest.raises(Refused, match="Cat Doe is away then"):
        actions.accept_swap(swap, actor=cat, at=world.now)
    with pytest.raises(Refused, match="offered already"):
        offer(world, plan, ann, "2026-01-06T20:00", "2026-01-08T10:00")
    with pytest.raises(Refused, match="not on call then"):
        offer(world, plan, cat, "2026-01-06T20:00", "2026-01-08T10:00")
    with pytest.raises(Refused, match="over"):
        offer(world, plan, ann, "2026-01-01T20:00", "2026-01-02T10:00")
    alone = offer(world, plan, ann, "2026-02-06T10:00", "2026-02-07T10:00", to=cat)
    with pytest.raises(Refused, match="alone"):
        actions.accept_swap(alone, actor=world.admin, at=world.now)


def test_reminders_go_out_and_an_offer_that_nobody_takes_ends_loudly(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann, ben)
    swap = offer(world, plan, ann, "2026-01-09T10:00", "2026-01-09T18:00")
    world.traveller.move_to(at("2026-01-06T09:59"))
    world.tick()
    assert told(ben) == ["Can you take a shift of Ann Doe?"]
    world.traveller.move_to(at("2026-01-06T10:00"))
    world.tick()
    assert told(ben)[1:] == ["Still open: Can you take a shift of Ann Doe?"]
    world.traveller.move_to(at("2026-01-09T10:00"))
    world.tick()
    swap.refresh_from_db()
    assert swap.state == "expired"
    assert told(ann) == ["Nobody took your shift: you are on call"]
    with pytest.raises(Refused, match="has ended"):
        actions.accept_swap(swap, actor=ben, at=world.now)
    assert holders(plan, "2026-01-09T11:00") == ["Ann"]
    assert Client().post(link(ben), {"answer": "accept"}).status_code == 410
    assert told(cat) == []


def test_an_offer_is_declined_or_withdrawn(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann, ben, cat)
    swap = offer(world, plan, ann, "2026-01-06T10:00", "2026-01-07T10:00", to=ben)
    assert "You declined" in text(Client().post(link(ben), {"answer": "decline"}))
    assert told(ann) == ["Ben Doe cannot take your shift"]
    again = offer(world, plan, ann, "2026-01-06T10:00", "2026-01-07T10:00")
    actions.decline_swap(again, actor=ben, at=world.now)
    again.refresh_from_db()
    assert again.is_open
    actions.withdraw_swap(again, actor=ann, at=world.now)
    assert told(cat)[-1] == "No longer needed: the shift of Ann Doe"
    assert "No longer" not in told(ben)[-1]  # who declined hears nothing more
    with pytest.raises(Refused, match="withdrawn"):
        actions.accept_swap(again, actor=cat, at=world.now)
    with pytest.raises(Refused, match="declined"):
        actions.accept_swap(swap, actor=ben, at=world.now)


def test_bent_links_open_nothing(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann, ben)
    offer(world, plan, ann, "2026-01-06T10:00", "2026-01-07T10:00")
    good = link(ben)
    assert Client().get(good[:-3] + "xx/").status_code == 404
    assert Client().post(good, {"answer": "perhaps"}).status_code == 400
    assert Client().head(good).status_code == 200
    ben.is_active = False
    ben.save()
    assert Client().post(good, {"answer": "accept"}).status_code == 410
    assert holders(plan, "2026-01-06T11:00") == ["Ann"]


def test_hours_that_are_closed_are_not_opened_by_a_swap(world: World) -> None:
    ann, ben, _cat = trio(world)
    hours = [{"weekdays": [0, 1, 2, 3, 4], "from": "09:00", "until": "17:00"}]
    plan = schedule(world, ann, restrictions=hours)
    swap = offer(world, plan, ann, "2026-01-06T00:00", "2026-01-08T00:00", to=ben)
    actions.accept_swap(swap, actor=ben, at=world.now)
    assert [holders(plan, moment) for moment in ("2026-01-06T10:00", "2026-01-06T20:00", "2026-01-07T10:00")] == [
        ["Ben"], [], ["Ben"],
    ]  # fmt: skip
    assert (swap.starts_at, swap.ends_at - swap.starts_at) == (at("2026-01-06T09:00"), timedelta(hours=32))
