"""Somebody is away: the others are asked by themselves, and a page finds somebody who is here."""

from typing import Any

import pytest

from core.errors import Refused
from notifications.models import Message
from oncall import actions, queries
from oncall.models import Absence, Schedule, Swap
from tests.oncall.making import at, schedule, weekly
from tests.oncall.pages import trio
from tests.oncall.test_swap_a_shift import told
from tests.world import World


def away(world: World, person: Any, since: str, until: str, **more: Any) -> Absence:
    return actions.add_absence(
        person, kind="holiday", starts_at=at(since), ends_at=at(until), actor=person, at=world.now, **more
    )


def called(plan: Schedule, moment: str, duty: str = "primary") -> list[tuple[str, str]]:
    target = {"kind": "schedule", "id": plan.pk, "duty": duty}
    return [(found.person.name.split()[0], found.reason) for found in queries.called_by([target], at=at(moment))]


def test_an_absence_asks_for_cover_of_each_shift_in_one_message(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann, ben)
    world.team("Payments", cat)
    away(world, ann, "2026-01-08T00:00", "2026-01-20T12:00")
    assert [(swap.starts_at, swap.ends_at) for swap in Swap.objects.all()] == [
        (at("2026-01-08T00:00"), at("2026-01-12T10:00")),
        (at("2026-01-19T10:00"), at("2026-01-20T12:00")),
    ]
    assert told(ben) == ["Can you take one of 2 shifts of Ann Doe?"]
    assert Message.objects.get(person=ben).text.count("/take/") == 2
    assert told(world.admin)[0] == "Nobody covers Ann Doe yet, who will be away"
    first = Swap.objects.all()[0]
    actions.accept_swap(first, actor=ben, at=world.now)
    assert called(plan, "2026-01-08T12:00") == [("Ben", "primary on call of Payments")]


def test_taking_an_absence_back_withdraws_what_is_open(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann, ben)
    absence = away(world, ann, "2026-01-08T00:00", "2026-01-20T12:00")
    first, second = Swap.objects.all()
    actions.accept_swap(first, actor=ben, at=world.now)
    actions.withdraw_absence(absence, actor=ann, at=world.now)
    assert [swap.state for swap in Swap.objects.all()] == ["accepted", "withdrawn"]
    assert told(ben)[-1] == "No longer needed: the shift of Ann Doe"
    assert called(plan, "2026-01-19T12:00") == [("Ann", "primary on call of Payments")]
    assert second.absence == absence


def test_somebody_away_is_called_only_when_nobody_else_covers(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann)
    away(world, ann, "2026-01-06T00:00", "2026-01-08T00:00")
    assert called(plan, "2026-01-06T12:00") == [("Ann", "primary on call of Payments; away, but nobody covers")]
    actions.add_rotation(plan, weekly(ben, duty="secondary", name="Second"), actor=ann, at=world.now)
    assert called(plan, "2026-01-06T12:00") == [("Ben", "primary on call of Payments, instead of Ann Doe, who is away")]
    assert called(plan, "2026-01-09T12:00") == [("Ann", "primary on call of Payments")]
    team = world.team("Everybody", ann, cat)
    target = {"kind": "team", "id": team.pk}
    assert [found.person for found in queries.called_by([target], at=at("2026-01-06T12:00"))] == [cat]
    away(world, cat, "2026-01-06T00:00", "2026-01-07T00:00")
    assert len(queries.called_by([target], at=at("2026-01-06T12:00"))) == 2


def test_an_uncovered_shift_is_told_a_few_days_before_and_loudly_when_it_begins(world: World) -> None:
    ann, ben, _cat = trio(world)
    lead = world.person("Lea Lead")
    plan = schedule(world, ann, ben)
    plan.team = world.team("Payments", ben)
    plan.team.memberships.create(person=lead, is_lead=True)
    plan.save()
    away(world, ann, "2026-01-19T00:00", "2026-01-24T00:00")
    assert told(lead) == ["Can you take a shift of Ann Doe?"]
    for moment in ("2026-01-16T10:00", "2026-01-18T10:00", "2026-01-19T10:00"):
        world.traveller.move_to(at(moment))
        world.tick()
    assert [subject for subject in told(lead) if "covers" in subject] == [
        "Nobody covers Ann Doe yet, who will be away",
        "Nobody covers Ann Doe yet, who will be away",
        "Nobody covers Ann Doe, who is away now",
    ]
    swap = Swap.objects.get()
    assert swap.is_open  # the rest may still be taken
    actions.accept_swap(swap, actor=lead, at=at("2026-01-20T00:00"))
    assert called(plan, "2026-01-20T01:00") == [("Lea", "primary on call of Payments")]


def test_a_shift_that_comes_later_is_offered_too(world: World) -> None:
    ann, ben, _cat = trio(world)
    away(world, ann, "2026-01-08T00:00", "2026-01-20T00:00")
    schedule(world, ann, ben)
    assert not Swap.objects.exists()
    world.traveller.move_to(at("2026-01-05T16:00"))
    world.tick()
    assert Swap.objects.count() == 2
    world.traveller.move_to(at("2026-01-05T23:00"))
    world.tick()
    assert Swap.objects.count() == 2  # and is offered once


def test_what_nobody_covers_is_listed_with_its_open_request(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann, ben)
    rows = queries.uncovered([plan], since=world.now, until=at("2026-02-01T00:00"))
    assert rows == []
    away(world, ann, "2026-01-08T00:00", "2026-01-09T00:00")
    found = queries.uncovered([plan], since=world.now, until=at("2026-02-01T00:00"))
    assert [(each.person, each.swap) for each in found] == [(ann, Swap.objects.get())]


def test_what_makes_no_absence_is_said(world: World) -> None:
    ann = world.person("Ann Doe")
    away(world, ann, "2026-01-08T00:00", "2026-01-10T00:00")
    with pytest.raises(Refused, match="away then already"):
        away(world, ann, "2026-01-09T00:00", "2026-01-11T00:00")
    with pytest.raises(Refused, match="must come after"):
        away(world, ann, "2026-01-15T00:00", "2026-01-11T00:00")
    with pytest.raises(Refused, match="over already"):
        away(world, ann, "2026-01-02T00:00", "2026-01-03T00:00")
    with pytest.raises(Refused, match="at most 400 days"):
        away(world, ann, "2026-02-02T00:00", "2028-01-03T00:00")


def test_somebody_sick_in_the_middle_of_a_shift_is_covered_from_now_on(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann, ben)
    world.traveller.move_to(at("2026-01-07T08:00"))
    absence = actions.add_absence(
        ann, kind="sick", starts_at=at("2026-01-07T00:00"), ends_at=at("2026-01-09T00:00"), actor=ann, at=world.now
    )
    swap = Swap.objects.get()
    assert swap.starts_at == world.now
    actions.accept_swap(swap, actor=ben, at=at("2026-01-07T09:00"))
    assert called(plan, "2026-01-07T08:30")[0][0] == "Ann"
    assert called(plan, "2026-01-07T09:30")[0][0] == "Ben"
    world.traveller.move_to(at("2026-01-08T00:00"))
    actions.withdraw_absence(absence, actor=ann, at=world.now)
    absence.refresh_from_db()
    assert absence.ends_at == world.now
