"""Rotations of months, of several people, in the shadow, and around public holidays, by the API and the form."""

from datetime import date, time
from typing import Any

from django.urls import reverse

from oncall import actions, queries
from oncall.models import Duty, Schedule
from tests.oncall.making import at, schedule, weekly
from tests.oncall.pages import text, trio
from tests.world import World


def holders(plan: Schedule, moment: str, zone: str = "UTC") -> list[str]:
    held = queries.on_call_now(plan, at=at(moment, zone))[Duty.PRIMARY]
    return [person.name.split()[0] for person in held]


def form(plan: Schedule, *people: Any, **changes: Any) -> dict[str, Any]:
    asked = {
        "name": "Weekly", "duty": "primary", "turn_length": "1", "turn": "weeks", "handoff_time": "10:00",
        "starts_on": "2026-01-05", "ends_on": "", "layer": "0", "time_zone": "", "holidays": "", "windows": "",
        "person": [person.pk for person in people], "do": "save",
    }  # fmt: skip
    return {**asked, **changes}


def test_a_program_lets_two_people_hold_a_turn_together_and_both_are_called(world: World) -> None:
    ann, ben, cat = trio(world)
    rotation = {"people": [[ann.email, ben.pk], cat.email], "starts_on": "2026-01-05", "turn": "months"}
    made = world.program().post("/schedules/", {"name": "Pairs", "rotations": [rotation]}).json()
    assert made["rotations"][0]["people"] == [[ann.pk, ben.pk], cat.pk]
    plan = Schedule.objects.get(pk=made["id"])
    assert holders(plan, "2026-01-20T12:00") == ["Ann", "Ben"]
    assert holders(plan, "2026-02-05T10:00") == ["Cat"]
    target = [{"kind": "schedule", "id": plan.pk, "duty": "primary"}]
    assert [each.person for each in queries.called_by(target, at=at("2026-01-20T12:00"))] == [ann, ben]


def test_when_one_of_two_leaves_the_other_holds_the_turn_alone(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann, ben, cat, beside=frozenset({1}))
    ann.is_active = False
    ann.save()
    assert holders(plan, "2026-01-06T12:00") == ["Ben"]
    assert holders(plan, "2026-01-13T12:00") == ["Cat"]


def test_the_form_joins_two_people_on_a_turn_and_keeps_them_so(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann)
    browser = world.browser(world.admin)
    row = plan.rotations.get()
    address = reverse("oncall:edit-rotation", args=[plan.slug, row.pk])
    browser.post(address, form(plan, ann, ben, cat, beside="1"))
    assert holders(plan, "2026-01-06T12:00") == ["Ann", "Ben"]
    assert 'id="beside-1" checked' in text(browser.get(address))
    refused = browser.post(address, form(plan, ann, ann, cat, beside="1"))
    assert refused.status_code == 422
    assert "Ann Doe holds this turn already." in text(refused)


def test_a_shadow_is_seen_and_never_paged_and_covers_nothing(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = actions.add_schedule("Learning", actor=world.admin, at=world.now,
                                rotations=[weekly(ann, is_shadow=True, name="Learners")])  # fmt: skip
    moment = at("2026-01-06T12:00")
    assert holders(plan, "2026-01-06T12:00") == []
    assert queries.coverage_of(plan, since=moment, until=at("2026-01-07T12:00")).gaps
    assert "Learners" in text(world.browser(ben).get(plan.get_absolute_url()))
    program = world.program()
    path = f"/schedules/{plan.pk}/shifts/"
    assert program.get(path).json()["results"] == []
    shown = program.get(path, shadow="true").json()["results"]
    assert {(each["person"]["id"], each["is_shadow"]) for each in shown} == {(ann.pk, True)}


def test_public_holidays_of_a_region_are_left_out_and_may_be_meant_alone(world: World) -> None:
    ann, ben, _cat = trio(world)
    days = [{"weekdays": "weekdays", "from": "09:00", "until": "17:00", "holidays": "except"}]
    feasts = [{"from": "00:00", "until": "00:00", "holidays": "only"}]
    asked = {
        "name": "Bavaria", "time_zone": "Europe/Berlin", "holidays": "Germany, by",
        "rotations": [
            {"name": "Days", "people": [ann.pk], "starts_on": "2025-12-29", "restrictions": days},
            {"name": "Feasts", "people": [ben.pk], "starts_on": "2025-12-29", "restrictions": feasts, "layer": 1},
        ],
    }  # fmt: skip
    made = world.program().post("/schedules/", asked).json()
    assert made["holidays"] == "DE-BY"
    plan = Schedule.objects.get(pk=made["id"])
    assert holders(plan, "2026-01-05T12:00", "Europe/Berlin") == ["Ann"]
    assert holders(plan, "2026-01-06T12:00", "Europe/Berlin") == ["Ben"]  # Epiphany
    world.traveller.move_to(at("2026-01-08T12:00"))
    plan = actions.change_schedule(plan, holidays="DE-BE", actor=world.admin, at=world.now)
    assert holders(plan, "2026-01-06T12:00", "Europe/Berlin") == ["Ben"], "what was stays as it was"
    assert holders(plan, "2027-01-06T12:00", "Europe/Berlin") == ["Ann"]


def test_a_country_or_region_that_is_unknown_is_answered_with_a_sentence(world: World) -> None:
    program = world.program()
    for word, sentence in [("Atlantis", "no country"), ("DE-XX", "these are: BB"), ("VA-X", "no region")]:
        answer = program.post("/schedules/", {"name": "Some", "holidays": word})
        assert answer.status_code == 400
        assert sentence in answer.json()["detail"] or word == "VA-X"
    plan = schedule(world, trio(world)[0])
    wrong = world.browser(world.admin).post(
        reverse("oncall:new-rotation", args=[plan.slug]),
        form(plan, world.admin, windows="0", **{"w0-days": ["0"], "w0-opens": "09:00", "w0-closes": "17:00",
                                                "w0-holidays": "except"}),
    )  # fmt: skip
    assert wrong.status_code == 422
    assert "Whose public holidays?" in text(wrong)


def test_a_monthly_rotation_says_so(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann, ben, turn="months", starts_on=date(2025, 12, 31), handoff_time=time(9))
    page = text(world.browser(ann).get(plan.get_absolute_url()))
    assert "Every month, on day 31 or the last one, at 09:00" in page
