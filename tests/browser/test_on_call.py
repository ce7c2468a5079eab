"""Schedules and policies under real fingers: rows move, nothing typed is lost, a preview comes before the save."""

import re
from datetime import time, timedelta

import pytest
from playwright.sync_api import expect

from oncall import actions
from oncall.models import EscalationPolicy, Schedule
from oncall.values import RotationValues
from tests.browser.conftest import Windows
from tests.world import World


def plan_of(town: World) -> Schedule:
    people = [town.person(f"{name} Doe") for name in ("Ann", "Ben", "Cat")]
    monday = town.now.date() - timedelta(days=town.now.weekday() + 7)
    weekly = RotationValues(name="Weekly", people=people[:2], handoff_time=time(10), starts_on=monday)
    return actions.add_schedule("Payments", rotations=[weekly], actor=town.admin, at=town.now)


@pytest.mark.browser
def test_a_rotation_is_rearranged_previewed_and_saved(town: World, windows: Windows) -> None:
    plan = plan_of(town)
    row = plan.rotations.get()
    page = windows.open(town.admin, f"{plan.get_absolute_url()}rotations/{row.pk}/", width=360)
    page.get_by_label("Name", exact=True).fill("Half typed")
    page.get_by_role("button", name="Move down 1").click()
    expect(page.locator("#person-0")).to_have_value(re.compile(str(row.members.all()[1].person_id)))
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half typed")
    page.get_by_role("button", name="Add a person").click()
    page.locator("#person-2").select_option(label="Cat Doe")
    page.get_by_role("button", name="Add hours").click()
    page.get_by_role("checkbox", name="Sat").check()
    expect(page.locator("#person-2 option:checked")).to_have_text("Cat Doe")
    page.get_by_role("button", name="Preview twelve weeks").click()
    expect(page.get_by_role("heading", name="What changes")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Somebody is on call where nobody would be after this")).to_be_visible()
    page.get_by_role("button", name="Save all the same").click()
    expect(page.get_by_role("heading", name="Payments", level=1)).to_be_visible()
    row.refresh_from_db()
    assert [member.person.name for member in row.members.all()] == ["Ben Doe", "Ann Doe", "Cat Doe"]
    assert (row.name, row.restrictions[0]["weekdays"]) == ("Half typed", [0, 1, 2, 3, 4, 5])


@pytest.mark.browser
def test_enter_in_a_field_saves_and_a_wrong_value_stays_with_a_sentence(town: World, windows: Windows) -> None:
    plan = plan_of(town)
    page = windows.open(town.admin, f"/oncall/policies/new/?schedule={plan.slug}")
    wait = page.get_by_label("then wait").first
    wait.fill("soon")
    wait.press("Enter")
    expect(page.get_by_text("Say how long to wait, as a number.")).to_be_visible()
    expect(page.get_by_label("then wait").first).to_have_value("soon")
    page.get_by_label("then wait").first.fill("2")
    page.get_by_role("button", name="and somebody else").last.click()
    page.locator("#s1-target-1").select_option(label="Cat Doe")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Whom it calls")).to_be_visible()
    steps = EscalationPolicy.objects.get().steps.all()
    assert [(step.wait_seconds, step.targets.count()) for step in steps] == [(120, 1), (300, 2)]


@pytest.mark.browser
def test_a_click_on_a_shift_in_the_calendar_takes_it_over(town: World, windows: Windows) -> None:
    plan = plan_of(town)
    page = windows.open(town.admin, plan.get_absolute_url())
    day = town.now.date() + timedelta(days=14)
    page.goto(f"{plan.get_absolute_url()}?on={day}")
    page.locator(".lane-result a").last.click()
    expect(page.get_by_role("heading", name="Take over a shift")).to_be_visible()
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_role("heading", name="Overrides")).to_be_visible()
    override = plan.overrides.get()
    assert override.person == town.admin
    assert override.ends_at - override.starts_at == timedelta(weeks=1)


@pytest.mark.browser
def test_a_policy_that_is_refused_says_so_without_a_word_in_the_console(windows: Windows, town: World) -> None:
    window = windows.open(town.admin, "/oncall/policies/new/")
    window.get_by_label("then wait").first.fill("soon")
    window.get_by_role("button", name="Save").last.click()
    expect(window.locator("#policy-form")).to_contain_text("as a number")
    expect(window.locator("#policy-form")).to_contain_text("Fill this in.")
