"""An empty schedule is laid out by one form: a team, follow the sun, days and nights."""

from typing import Any

import pytest
from django.urls import reverse

from oncall import actions, queries
from oncall.models import Duty, Schedule
from tests.oncall.making import at
from tests.oncall.pages import text, trio
from tests.world import World


def empty(world: World, **more: Any) -> Schedule:
    return actions.add_schedule("World", actor=world.admin, at=world.now, **more)


def fill(world: World, plan: Schedule, **asked: Any) -> Any:
    address = reverse("oncall:fill-schedule", args=[plan.slug])
    assert address in text(world.browser(world.admin).get(plan.get_absolute_url()))
    return world.browser(world.admin).post(address, {"starts_on": "2026-01-05", **asked})


def holder(plan: Schedule, moment: str, zone: str = "UTC", duty: Duty = Duty.PRIMARY) -> str:
    held = queries.on_call_now(plan, at=at(moment, zone))[duty]
    return " ".join(person.name.split()[0] for person in held)


@pytest.mark.parametrize("size", [2, 3, 6, 12])
def test_in_a_team_whoever_is_secondary_is_primary_the_week_after(world: World, size: int) -> None:
    people = [world.person(f"P{number:02} Doe") for number in range(size)]
    plan = empty(world, time_zone="Europe/Berlin")
    answer = fill(world, plan, template="team", people=[person.pk for person in people], handoff_time="10:00")
    assert answer.status_code == 302
    moments = [f"2026-{month:02}-{day:02}T11:00" for month, day in ((1, 5), (1, 12), (1, 19), (3, 30), (4, 6))]
    for this, after in ((0, 1), (1, 2), (3, 4)):
        secondary = holder(plan, moments[this], "Europe/Berlin", Duty.SECONDARY)
        assert secondary == holder(plan, moments[after], "Europe/Berlin")
        assert secondary != holder(plan, moments[this], "Europe/Berlin")
    told = queries.coverage_of(plan, since=at("2026-01-05T10:00"), until=at("2027-01-05T10:00"))
    assert (told.gaps, told.twice) == ([], [])


def test_the_sun_is_followed_without_a_gap_through_every_change_of_the_clocks(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = empty(world, time_zone="Europe/London")
    answer = fill(world, plan, template="sun", zone_1="Australia/Sydney", people_1=[ann.pk], zone_2="Europe/London",
                  people_2=[ben.pk], zone_3="America/Los_Angeles", people_3=[cat.pk])  # fmt: skip
    assert answer.status_code == 302
    assert holder(plan, "2026-01-07T09:00", "Australia/Sydney") == "Ann"
    assert holder(plan, "2026-01-07T08:59", "Europe/London") == "Ann"
    assert holder(plan, "2026-01-07T09:00", "Europe/London") == "Ben"
    assert holder(plan, "2026-01-07T09:00", "America/Los_Angeles") == "Cat"
    told = queries.coverage_of(plan, since=at("2026-01-05T22:00"), until=at("2027-01-05T22:00"))
    assert told.gaps == []


def test_days_and_nights_share_the_week_and_public_holidays_are_nights(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = empty(world, time_zone="Europe/Berlin", holidays="DE-BY")
    fill(world, plan, template="nights", by_day=[ann.pk], by_night=[ben.pk], opens="09:00", closes="17:00")
    said = {
        moment: holder(plan, moment, "Europe/Berlin")
        for moment in (
            "2026-01-05T10:00",
            "2026-01-05T17:00",
            "2026-01-06T10:00",
            "2026-01-10T10:00",
            "2026-01-12T09:00",
        )
    }
    assert list(said.values()) == ["Ann", "Ben", "Ben", "Ben", "Ann"]


def test_a_form_that_lacks_something_says_so_and_keeps_what_was_typed(world: World) -> None:
    ann, _ben, _cat = trio(world)
    plan = empty(world)
    few = fill(world, plan, template="team", people=[ann.pk], handoff_time="11:30")
    assert (few.status_code, "at least two people" in text(few), 'value="11:30"' in text(few)) == (422, True, True)
    same = fill(world, plan, template="sun", zone_1="Europe/Berlin", people_1=[ann.pk], zone_2="Europe/Paris",
                people_2=[ann.pk], zone_3="Asia/Tokyo")  # fmt: skip
    assert (same.status_code, "Choose at least one person." in text(same)) == (422, True)
    near = fill(world, plan, template="sun", zone_1="Europe/Berlin", people_1=[ann.pk], zone_2="Europe/Paris",
                people_2=[ann.pk], zone_3="")  # fmt: skip
    assert (near.status_code, "begin at the same hour" in text(near)) == (422, True)
    none = fill(world, plan, template="nights")
    assert none.status_code == 422
    for name in ("team", "sun", "nights", "nonsense"):
        page = world.browser(world.admin).get(reverse("oncall:fill-schedule", args=[plan.slug]), {"template": name})
        assert page.status_code == 200
    assert not plan.rotations.exists()


def test_a_schedule_that_has_rotations_is_not_laid_out_again(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = empty(world)
    asked = {"template": "team", "people": [ann.pk, ben.pk], "handoff_time": "10:00", "starts_on": "2026-01-05"}
    browser, address = world.browser(world.admin), reverse("oncall:fill-schedule", args=[plan.slug])
    assert browser.post(address, asked).status_code == 302
    assert browser.post(address, asked).status_code == 409
    assert plan.rotations.count() == 2
    assert world.browser(ann).get(address).status_code == 403
