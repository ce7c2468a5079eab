"""Schedules are made, renamed, moved and removed."""

from accounts.models import AuditEntry
from oncall import actions, queries
from oncall.models import Duty, Schedule
from oncall.values import StepValues, TargetValues
from tests.oncall.making import schedule
from tests.oncall.pages import text, trio
from tests.world import World


def test_a_team_gets_its_schedule_in_one_click(world: World) -> None:
    people = [world.person(f"{name} Doe") for name in ("Ann", "Ben", "Cat", "Dan", "Eve", "Fay")]
    team = world.team("Payments", *people)
    browser = world.browser(world.admin)
    assert "Teams without a schedule" in text(browser.get("/oncall/schedules/"))
    answer = browser.post(f"/oncall/schedules/for-team/{team.pk}/", follow=True)
    assert "Weekly primary" in text(answer)
    assert queries.on_call_now(Schedule.objects.get(), at=world.now)[Duty.PRIMARY]
    assert "Teams without a schedule" not in text(browser.get("/oncall/schedules/"))


def test_a_schedule_is_made_with_people_or_empty(world: World) -> None:
    ann, ben, _cat = trio(world)
    browser = world.browser(world.admin)
    assert browser.get("/oncall/schedules/new/").status_code == 200
    asked = {"name": "Night", "time_zone": "Asia/Tokyo", "starts_on": "2026-01-05", "handoff_time": "10:00", "team": "",
             "description": "Who answers at night"}  # fmt: skip
    alone = browser.post("/oncall/schedules/new/", {**asked, "people": [ann.pk]})
    assert alone.status_code == 422
    assert "at least two people" in text(alone)
    assert 'value="Night"' in text(alone)
    done = browser.post("/oncall/schedules/new/", {**asked, "people": [ann.pk, ben.pk]})
    assert done.status_code == 302
    made = Schedule.objects.get()
    assert (made.rotations.count(), made.description, made.time_zone) == (2, "Who answers at night", "Asia/Tokyo")
    twice = browser.post("/oncall/schedules/new/", asked)
    assert "There is a schedule called “Night” already." in text(twice)
    browser.post("/oncall/schedules/new/", {**asked, "name": "new"})
    assert "Nobody takes turns yet" in text(browser.get(Schedule.objects.get(name="new").get_absolute_url()))


def test_a_schedule_is_renamed_moved_and_removed(world: World) -> None:
    plan = schedule(world, world.person("Ann Doe"))
    schedule(world, world.admin, name="Other")
    browser, address = world.browser(world.admin), plan.get_absolute_url()
    assert 'value="Payments"' in text(browser.get(f"{address}edit/"))
    asked = {"name": "other", "team": "", "time_zone": "Europe/Berlin", "description": ""}
    taken = browser.post(f"{address}edit/", asked)
    assert (taken.status_code, "already" in text(taken)) == (422, True)
    assert browser.post(f"{address}edit/", {**asked, "name": "Money"}).status_code == 302
    plan.refresh_from_db()
    assert (plan.name, plan.time_zone) == ("Money", "Europe/Berlin")
    policy = actions.add_policy(
        "Night", steps=[StepValues(60, [TargetValues(schedule=plan)])], actor=world.admin, at=world.now
    )
    refused = browser.post(f"{address}remove/")
    assert (refused.status_code, "“Night”" in text(refused)) == (409, True)
    actions.remove_policy(policy, actor=world.admin, at=world.now)
    assert browser.post(f"{address}remove/").status_code == 302
    assert browser.get(address).status_code == 404
    assert AuditEntry.objects.filter(verb="remove schedule").exists()


def test_responders_look_and_override_but_do_not_change_schedules(world: World) -> None:
    ann, *_ = trio(world)
    plan = schedule(world, ann)
    browser, address = world.browser(ann), plan.get_absolute_url()
    page = text(browser.get(address))
    assert "Override" in page
    assert "Add a rotation" not in page
    for path in ("edit/", "rotations/new/", f"rotations/{plan.rotations.get().pk}/"):
        assert browser.get(address + path).status_code == 403
        assert browser.post(address + path).status_code == 403
    assert browser.get("/oncall/schedules/nothing/").status_code == 404
