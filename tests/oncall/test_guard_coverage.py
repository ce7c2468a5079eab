"""Holes in who is on call are told before a save, and each morning to whoever looks after the schedule."""

from typing import Any

from notifications.models import Message
from oncall import actions
from oncall.models import Schedule
from tests.oncall.making import at, schedule, weekly
from tests.oncall.pages import text, trio
from tests.world import World

NIGHTS = [{"weekdays": list(range(7)), "from": "18:00", "until": "09:00"}]


def told(plan: Schedule) -> list[Any]:
    return list(Message.objects.filter(topic=f"coverage/{plan.pk}").order_by("id"))


def test_the_leads_of_the_team_hear_each_morning_of_gaps_and_of_who_cannot_be_reached(world: World) -> None:
    ann, ben, _cat = trio(world)
    team = world.team("Payments", ann, ben)
    team.memberships.filter(person=ben).update(is_lead=True)
    plan = actions.add_schedule("Payments", team=team, rotations=[weekly(ann, restrictions=NIGHTS)],
                                time_zone="Europe/Berlin", actor=world.admin, at=world.now)  # fmt: skip
    actions.coverage_due(world.now)
    assert told(plan) == []
    world.traveller.move_to(at("2026-01-06T09:00", "Europe/Berlin"))
    actions.coverage_due(world.now)
    actions.coverage_due(world.now)
    message = told(plan)[0]
    assert len(told(plan)) == 1
    assert message.address == ben.email
    assert "Nobody is primary: 6 Jan 2026, 08:00 – 17:00 (UTC)" in message.text
    assert "Ann Doe has no verified way to be reached" in message.text
    assert "/oncall/schedules/payments/" in message.text
    world.traveller.move_to(at("2026-01-07T09:00", "Europe/Berlin"))
    actions.coverage_due(world.now)
    assert len(told(plan)) == 2


def test_a_schedule_without_a_wish_or_without_anybody_bothers_nobody(world: World) -> None:
    ann, _ben, _cat = trio(world)
    ann.contact_methods.create(channel="email", address=ann.email, verified_at=world.now)
    whole = schedule(world, ann)
    empty = actions.add_schedule("Empty", actor=world.admin, at=world.now)
    for day in (5, 6, 7):
        world.traveller.move_to(at(f"2026-01-0{day}T12:00"))
        actions.coverage_due(world.now)
    assert told(whole) == told(empty) == []


def test_a_save_that_opens_a_gap_asks_first_and_is_saved_all_the_same_when_wanted(world: World) -> None:
    ann, _ben, _cat = trio(world)
    plan = schedule(world, ann)
    world.traveller.move_to(at("2026-01-06T12:00"))
    row = plan.rotations.get()
    address, browser = f"{plan.get_absolute_url()}rotations/{row.pk}/", world.browser(world.admin)
    asked = {
        "name": "Weekly", "duty": "primary", "turn_length": "1", "turn": "weeks", "handoff_time": "10:00", "layer": "0",
        "starts_on": "2026-01-05", "ends_on": "", "time_zone": "", "holidays": "", "person": [ann.pk], "windows": "0",
        "w0-days": list("01234"), "w0-opens": "09:00", "w0-closes": "17:00", "do": "save",
    }  # fmt: skip
    answer = browser.post(address, asked)
    assert answer.status_code == 422
    assert "Somebody is on call where nobody would be" in text(answer)
    assert plan.rotations.get().restrictions == []
    assert browser.post(address, {**asked, "do": "save-anyway"}).status_code == 302
    assert plan.rotations.in_force().get().restrictions[0]["from"] == "09:00"
