"""On call on the screen."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from oncall import actions, queries
from oncall.models import Duty, EscalationPolicy, Override, Schedule
from oncall.values import StepValues, TargetValues
from tests.oncall.making import at, schedule, weekly
from tests.world import World

ROTATION = {
    "name": "Nights", "duty": "primary", "turn": "weeks", "turn_length": "1", "handoff_time": "10:00",
    "starts_on": "2026-01-05", "ends_on": "", "layer": "0", "time_zone": "", "windows": "", "do": "save",
}  # fmt: skip


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def trio(world: World) -> list[Any]:
    return [world.person(f"{name} Doe") for name in ("Ann", "Ben", "Cat")]


# Now


def test_everybody_sees_who_is_on_call_everywhere_and_when_they_are_themselves(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann, ben)
    world.traveller.move_to(at("2026-01-06T12:00"))
    page = text(world.browser(ann).get("/oncall/"))
    assert plan.name in page
    assert "You are on call" in page
    assert "Primary of Payments" in page
    mine = text(world.browser(ben).get("/oncall/"))
    assert "You are on call" not in mine
    assert "12 Jan, 10:00" in mine


def test_an_installation_without_schedules_says_how_to_begin(world: World) -> None:
    assert "Make a schedule" in text(world.browser(world.admin).get("/oncall/"))
    assert "No policy yet" in text(world.browser(world.admin).get("/oncall/policies/"))
    vic = world.browser(world.person("Vic Viewer", role="viewer"))
    assert "Make a schedule" not in text(vic.get("/oncall/schedules/"))


def test_a_gap_is_shown_in_plain_words(world: World) -> None:
    actions.add_schedule("Empty", actor=world.admin, at=world.now)
    assert "Nobody on call" in text(world.browser(world.admin).get("/oncall/"))


# Schedules


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


def test_the_calendar_shows_week_and_month_in_the_readers_zone(world: World) -> None:
    ann, ben, _cat = trio(world)
    type(ann).objects.filter(pk=ann.pk).update(time_zone="Asia/Tokyo")
    ann.refresh_from_db()
    plan = schedule(world, ann, ben)
    browser = world.browser(ann)
    week = text(browser.get(plan.get_absolute_url()))
    assert "Ann Doe, Primary, Mon 5 Jan, 19:00 to Mon 12 Jan, 19:00 (Weekly)" in week
    assert "Shown in your time zone, Asia/Tokyo; the handoffs follow UTC." in week
    month = text(browser.get(plan.get_absolute_url(), {"view": "month", "on": "2026-03-15"}))
    assert "March 2026" in month
    for odd in ("not-a-day", "0001-01-01", "9999-12-31"):
        assert browser.get(plan.get_absolute_url(), {"on": odd}).status_code == 200


def test_gaps_doublings_and_leavers_are_warned_of(world: World) -> None:
    ann, ben, cat = trio(world)
    nights = [{"weekdays": [0], "from": "22:00", "until": "06:00"}]
    plan = schedule(world, ann, restrictions=nights)
    page = text(world.browser(world.admin).get(plan.get_absolute_url()))
    assert "Nobody is primary from" in page
    both = schedule(world, ann, ben, name="Both")
    actions.add_rotation(both, weekly(ann, cat, name="Second", duty="secondary"), actor=world.admin, at=world.now)
    type(cat).objects.filter(pk=cat.pk).update(is_active=False)
    page = text(world.browser(world.admin).get(both.get_absolute_url()))
    assert "Ann Doe is primary and secondary at once from" in page
    assert "Cat Doe is not active any more" in page


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


# Rotations


def test_a_rotation_is_added_by_the_form(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = actions.add_schedule("Payments", actor=world.admin, at=world.now)
    browser, address = world.browser(world.admin), f"{plan.get_absolute_url()}rotations/new/"
    assert browser.get(address).status_code == 200
    asked = {**ROTATION, "person": [ann.pk, ben.pk, ""], "windows": "0", "w0-days": ["0", "1"], "w0-opens": "22:00",
             "w0-closes": "06:00"}  # fmt: skip
    assert browser.post(address, asked).status_code == 302
    row = plan.rotations.get()
    assert [member.person for member in row.members.all()] == [ann, ben]
    assert row.restrictions == [{"weekdays": [0, 1], "from": "22:00", "until": "06:00"}]


def test_rows_are_added_moved_and_removed_and_nothing_typed_is_lost(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann)
    browser, address = world.browser(world.admin), f"{plan.get_absolute_url()}rotations/new/"
    typed = {**ROTATION, "name": "Half typed", "starts_on": "", "handoff_time": "never",
             "person": [ann.pk, ben.pk, cat.pk], "windows": "0", "w0-days": ["3"], "w0-opens": "20:00"}  # fmt: skip

    def order(do: str) -> list[int]:
        answer = browser.post(address, {**typed, "do": do}, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        page = text(answer)
        assert "<html" not in page
        assert 'value="Half typed"' in page
        assert 'value="never"' in page
        assert "field-error" not in page
        form = answer.context["form"]
        return [int(row.value) if row.value else 0 for row in form.people]

    assert order("person-down-0") == [ben.pk, ann.pk, cat.pk]
    assert order("person-up-2") == [ann.pk, cat.pk, ben.pk]
    assert order("person-remove-1") == [ann.pk, cat.pk]
    assert order("person-add") == [ann.pk, ben.pk, cat.pk, 0]
    assert order("person-remove-99") == [ann.pk, ben.pk, cat.pk]
    assert order("person-up-0") == [ann.pk, ben.pk, cat.pk]
    page = text(browser.post(address, {**typed, "do": "window-add"}, headers={"HX-Request": "true"}))
    assert 'name="w1-opens"' in page
    assert 'value="20:00"' in page
    page = text(browser.post(address, {**typed, "do": "window-remove-0"}, headers={"HX-Request": "true"}))
    assert 'name="w0-opens"' not in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"person": [""]}, "Choose at least one person."),
        ({"person": ["99999999999999999999"]}, "This person is not active"),
        ({"turn_length": "0"}, "greater than or equal to 1"),
        ({"turn": "weeks", "turn_length": "500"}, "at most 104 weeks"),
        ({"starts_on": "9999-01-01"}, "between 1990 and 2150"),
        ({"ends_on": "2026-01-05"}, "must end after it starts"),
        ({"time_zone": "Mars/Base"}, "Mars/Base"),
        ({"windows": "0", "w0-opens": "x", "w0-closes": "06:00"}, "Choose at least one day."),
        ({"name": ""}, "This field is required."),
        ({"name": "nul\x00"}, "Null characters"),
    ],
)
def test_a_wrong_rotation_is_told_at_its_field_and_keeps_what_was_typed(
    world: World, changes: dict[str, Any], sentence: str
) -> None:
    ann = world.person("Ann Doe")
    plan = actions.add_schedule("Payments", actor=world.admin, at=world.now)
    asked = {**ROTATION, "person": [ann.pk], **changes}
    for headers in ({}, {"HX-Request": "true"}):
        answer = world.browser(world.admin).post(f"{plan.get_absolute_url()}rotations/new/", asked, headers=headers)
        assert answer.status_code == 422
        assert sentence in text(answer)
        assert changes.get("name") is not None or 'value="Nights"' in text(answer)
    assert not plan.rotations.exists()


def test_a_preview_says_what_would_change_and_changes_nothing(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann)
    world.traveller.move_to(at("2026-01-06T12:00"))
    row, entries = plan.rotations.get(), AuditEntry.objects.count()
    address = f"{plan.get_absolute_url()}rotations/{row.pk}/"
    assert "Weekly" in text(world.browser(world.admin).get(address))
    asked = {**ROTATION, "name": "Weekly", "person": [ann.pk, ben.pk], "do": "preview"}
    answer = world.browser(world.admin).post(address, asked)
    assert answer.status_code == 200
    told = [(str(each.before), str(each.after), each.starts_at) for each in answer.context["told"].changes]
    assert told[0] == ("Ann Doe", "Ben Doe", at("2026-01-12T10:00"))
    assert (plan.rotations.count(), AuditEntry.objects.count()) == (1, entries)
    assert [member.person for member in plan.rotations.get().members.all()] == [ann]


def test_a_change_is_saved_from_now_on_and_htmx_is_led_to_the_schedule(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann)
    world.traveller.move_to(at("2026-01-06T12:00"))
    row = plan.rotations.get()
    address = f"{plan.get_absolute_url()}rotations/{row.pk}/"
    answer = world.browser(world.admin).post(
        address, {**ROTATION, "name": "Weekly", "person": [ben.pk]}, headers={"HX-Request": "true"}
    )
    assert answer.headers["HX-Redirect"] == plan.get_absolute_url()
    held = [
        queries.on_call_now(plan, at=world.now + nudge)[Duty.PRIMARY] for nudge in (timedelta(hours=-1), timedelta())
    ]
    assert held == [[ann], [ben]]
    assert world.browser(world.admin).post(f"{address}remove/").status_code == 302
    assert not plan.rotations.in_force().exists()


# Overrides


def test_a_click_on_a_shift_fills_in_the_override(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann, ben)
    browser = world.browser(ben)
    address = reverse("oncall:new-override", args=[plan.slug])
    assert f"{address}?duty=primary&from=2026-01-12T10%3A00&until=2026-01-19T10%3A00" in text(
        browser.get(plan.get_absolute_url(), {"on": "2026-01-14"})
    )
    page = text(browser.get(address, {"duty": "primary", "from": "2026-01-12T10:00", "until": "2026-01-19T10:00"}))
    assert 'value="2026-01-12T10:00"' in page
    assert browser.get(address, {"duty": "x", "from": "y", "until": "z"}).status_code == 200
    asked = {"person": ben.pk, "duty": "primary", "starts_at": "2026-01-06T10:00", "ends_at": "2026-01-06T12:00"}
    assert browser.post(address, asked).status_code == 302
    assert "override" in text(browser.get(plan.get_absolute_url()))
    overlap = browser.post(address, {**asked, "person": ann.pk, "ends_at": "2026-01-06T18:00", "reason": "Gym"})
    assert (overlap.status_code, "Ben Doe has an override" in text(overlap)) == (422, True)
    assert 'value="Gym"' in text(overlap)
    wrong_ones = [
        ({"ends_at": "2026-01-06T09:00"}, "must come after"),
        ({"person": ""}, "required"),
        ({"starts_at": "soon"}, "valid date/time"),
        ({"ends_at": "9998-01-01T00:00"}, "1990 and"),
    ]
    for wrong, sentence in wrong_ones:
        answer = browser.post(address, {**asked, **wrong})
        assert (answer.status_code, sentence in text(answer)) == (422, True)


def test_an_override_is_given_back(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann)
    made = actions.add_override(
        plan, duty="primary", person=ben, starts_at=at("2026-01-06T10:00"), ends_at=at("2026-01-06T12:00"),
        actor=ben, at=world.now,
    )  # fmt: skip
    address = reverse("oncall:remove-override", args=[plan.slug, made.pk])
    assert world.browser(world.person("Vic Viewer", role="viewer")).post(address).status_code == 403
    assert world.browser(ann).post(address).status_code == 302
    assert not Override.objects.exists()
    assert world.browser(ann).post(address).status_code == 404


# Policies


def policy_form(plan: Schedule, person: Any, **changes: Any) -> dict[str, Any]:
    asked = {
        "name": "Night", "description": "", "team": "", "repeat_times": "1", "fallback": person.pk, "steps": "0,1",
        "s0-wait": "5", "s0-unit": "minutes", "s0-target": [f"schedule:{plan.pk}:primary"],
        "s1-wait": "30", "s1-unit": "seconds", "s1-target": [f"person:{person.pk}", ""], "do": "save",
    }  # fmt: skip
    return {**asked, **changes}


def test_a_policy_is_made_read_as_a_ladder_and_changed(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann)
    world.traveller.move_to(at("2026-01-06T12:00"))
    browser = world.browser(world.admin)
    assert "Primary of Payments" in text(browser.get("/oncall/policies/new/"))
    assert browser.post("/oncall/policies/new/", policy_form(plan, ben)).status_code == 302
    made = EscalationPolicy.objects.get()
    plan_made = queries.plan_of(made)
    assert [step["wait_seconds"] for step in plan_made["steps"]] == [300, 30]
    page = text(browser.get(made.get_absolute_url()))
    for words in (
        "Primary of Payments",
        "then wait 5 min",
        "5 min after the beginning",
        "Finally",
        "All steps once more",
    ):
        assert words in page
    assert "finally Ben Doe" in text(browser.get("/oncall/policies/"))
    edit = f"{made.get_absolute_url()}edit/"
    assert 'value="30"' in text(browser.get(edit))
    again = policy_form(plan, ben, name="Nights", fallback="", repeat_times="0")
    assert browser.post(edit, again, headers={"HX-Request": "true"}).headers["HX-Redirect"] == made.get_absolute_url()
    assert "every administrator" in text(browser.get(made.get_absolute_url()))


def test_steps_are_reordered_and_nothing_typed_is_lost(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan = schedule(world, ann)
    browser = world.browser(world.admin)

    def steps(do: str) -> list[tuple[str, list[str]]]:
        asked = policy_form(plan, ben, name="Half typed", repeat_times="many", do=do)
        answer = browser.post("/oncall/policies/new/", asked, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert 'value="Half typed"' in text(answer)
        assert 'value="many"' in text(answer)
        return [(step.wait, [target.value for target in step.targets]) for step in answer.context["form"].steps]

    one, two = ("5", [f"schedule:{plan.pk}:primary"]), ("30", [f"person:{ben.pk}", ""])
    assert steps("step-down-0") == [two, one]
    assert steps("step-remove-0") == [two]
    assert steps("step-add") == [one, two, ("5", [""])]
    assert steps("target0-add") == [(one[0], [*one[1], ""]), two]
    assert steps("target1-remove-1") == [one, (two[0], two[1][:1])]
    assert steps("target9-add") == steps("step-up-x") == [one, two]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"s0-wait": "soon"}, "as a number"),
        ({"s0-wait": "-1"}, "between 0 seconds and 7 days"),
        ({"s0-wait": "nan"}, "between 0 seconds and 7 days"),
        ({"s0-wait": "9" * 19}, "between 0 seconds and 7 days"),
        ({"s0-unit": "moons"}, "as a number"),
        ({"s0-target": [""]}, "Choose whom this step calls."),
        ({"s0-target": ["schedule:999:primary"]}, "not there any more"),
        ({"s0-target": ["robot:1"]}, "not there any more"),
        ({"steps": ""}, "at least one step"),
        ({"steps": "a,b,99999"}, "at least one step"),
        ({"repeat_times": "21"}, "less than or equal to 20"),
        ({"fallback": "999"}, "Select a valid choice"),
        ({"name": ""}, "required"),
    ],
)
def test_a_wrong_policy_is_told_at_its_field(world: World, changes: dict[str, Any], sentence: str) -> None:
    plan = schedule(world, world.person("Ann Doe"))
    answer = world.browser(world.admin).post("/oncall/policies/new/", policy_form(plan, world.admin, **changes))
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not EscalationPolicy.objects.exists()


def test_a_policy_that_pages_for_a_service_stays_and_the_panel_says_who_is_called(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan, service = schedule(world, ann), world.service("Checkout")
    world.traveller.move_to(at("2026-01-06T12:00"))
    policy = actions.add_policy(
        "Night", steps=[StepValues(60, [TargetValues(schedule=plan)])], fallback=ben, actor=world.admin, at=world.now
    )
    browser, panel = world.browser(world.admin), reverse("oncall:of-service", kwargs={"slug": service.slug})
    assert "straight to the administrators" in text(browser.get(panel))
    changed = browser.post(panel, {"policy": policy.pk}, headers={"HX-Request": "true"})
    assert changed.status_code == 200
    assert 'id="oncall-of-service"' in text(changed)
    assert "Ann Doe" in text(changed)
    assert "Finally Ben Doe" in text(changed)
    assert queries.policy_for(service) == policy
    wrong = browser.post(panel, {"policy": "999"}, headers={"HX-Request": "true"})
    assert (wrong.status_code, "valid choice" in text(wrong)) == (422, True)
    assert world.browser(ann).post(panel, {"policy": ""}).status_code == 403
    refused = browser.post(reverse("oncall:remove-policy", args=[policy.pk]))
    assert (refused.status_code, "“Checkout”" in text(refused)) == (409, True)
    assert "Checkout" in text(browser.get(policy.get_absolute_url()))
    assert browser.post(panel, {"policy": ""}).status_code == 302
    assert browser.post(reverse("oncall:remove-policy", args=[policy.pk])).status_code == 302
    assert browser.get(f"/oncall/policies/{policy.pk}/").status_code == 404
    assert browser.get(reverse("oncall:of-service", kwargs={"slug": "nothing"})).status_code == 404
