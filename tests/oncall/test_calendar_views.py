"""A schedule's calendar by day, week, month and person."""

import pytest

from oncall import actions
from tests.oncall.making import at, schedule
from tests.oncall.pages import text, trio
from tests.world import World


@pytest.mark.parametrize("day", ["2026-01-06", "2026-03-29", "2026-10-25"])
def test_a_day_is_drawn_with_its_hours_even_when_the_clocks_change(world: World, day: str) -> None:
    ann, ben, _cat = trio(world)
    type(ann).objects.filter(pk=ann.pk).update(time_zone="Europe/Berlin")
    ann.refresh_from_db()
    plan = schedule(world, ann, ben, zone="Europe/Berlin")
    page = text(world.browser(ann).get(plan.get_absolute_url(), {"view": "day", "on": day}))
    assert ">00:00</text>" in page
    assert page.count(">12:00</text>" if day == "2026-01-06" else ">00:00</text>") == 1
    calendar = world.browser(ann).get(plan.get_absolute_url(), {"view": "day", "on": day}).context["calendar"]
    assert (calendar.after - calendar.before).days == 2


def test_four_weeks_by_person_show_everybody_and_their_hours(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann, ben, cat)
    actions.add_override(plan, person=cat, duty="primary", starts_at=at("2026-01-06T12:00"),
                         ends_at=at("2026-01-06T14:00"), reason="", actor=cat, at=world.now)  # fmt: skip
    answer = world.browser(ann).get(plan.get_absolute_url(), {"view": "people", "on": "2026-01-12"})
    told = {str(person): hours for person, _shifts, hours in answer.context["calendar"].people}
    assert told == {"Ann Doe": 178, "Ben Doe": 326, "Cat Doe": 168}
    assert [lane.name for lane in answer.context["calendar"].rulers[0].lanes] == list(told)
    assert "12 Jan to 8 Feb 2026" in text(answer)


def test_those_who_hold_a_shift_together_stand_in_one_bar(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann, ben, cat, beside=frozenset({1}))
    world.traveller.move_to(at("2026-01-06T12:00"))
    for view in ("day", "week", "month"):
        page = text(world.browser(ann).get(plan.get_absolute_url(), {"view": view}))
        assert "Ann Doe + Ben Doe" in page


def test_a_view_that_there_is_not_is_the_week(world: World) -> None:
    plan = schedule(world, world.person("Ann Doe"))
    assert world.browser(world.admin).get(plan.get_absolute_url(), {"view": "aeon"}).context["calendar"].view == "week"
