"""Rotations by the form: rows, wrong values, the preview and the change."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry
from oncall import actions, queries
from oncall.models import Duty
from tests.oncall.making import at, schedule
from tests.oncall.pages import text, trio
from tests.world import World

ROTATION = {
    "name": "Nights", "duty": "primary", "turn": "weeks", "turn_length": "1", "handoff_time": "10:00",
    "starts_on": "2026-01-05", "ends_on": "", "layer": "0", "time_zone": "", "windows": "", "do": "save",
}  # fmt: skip


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
        ({"turn_length": "0"}, "1 is the least"),
        ({"turn": "weeks", "turn_length": "500"}, "at most 104 weeks"),
        ({"starts_on": "9999-01-01"}, "between 1990 and 2150"),
        ({"ends_on": "2026-01-05"}, "must end after it starts"),
        ({"time_zone": "Mars/Base"}, "Mars/Base"),
        ({"windows": "0", "w0-opens": "x", "w0-closes": "06:00"}, "Choose at least one day."),
        ({"name": ""}, "Fill this in."),
        ({"name": "nul\x00"}, "cannot be kept"),
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
    told = [(str(each.before[0]), str(each.after[0]), each.starts_at) for each in answer.context["told"].changes]
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
