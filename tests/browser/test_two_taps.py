"""On a phone, with one thumb: from the message to what is done, in two taps."""

import re
from datetime import time, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from catalog.models import Service
from incidents import actions as incidents
from incidents.models import Incident, Page, RoleAssignment
from notifications.models import Message
from oncall import actions, queries
from oncall.models import Duty
from oncall.values import RotationValues, StepValues, TargetValues
from tests.browser.conftest import Windows
from tests.world import World


def link_in(person: Any, kind: str) -> str:
    """The newest link of a message: following it is the first tap."""
    for message in Message.objects.filter(person=person).order_by("-id"):
        found = re.search(rf"https?://[^/\s]+(/{kind}/\S+)", message.text)
        if found:
            return found[1]
    raise AssertionError("no link")


def paged(town: World) -> tuple[Any, Any, Incident]:
    ben, cleo = town.person("Ben Ortiz"), town.person("Cleo Dev")
    service = Service.objects.create(name="Payments", slug="payments")
    steps = [StepValues(wait_seconds=600, targets=[TargetValues(person=person)]) for person in (ben, cleo)]
    policy = actions.add_policy("Payments", steps=steps, actor=town.admin, at=town.now)
    actions.set_service_policy(service, policy, actor=town.admin, at=town.now)
    incident = incidents.declare(
        title="Checkout errors above 5 %", severity=town.severity("SEV1"), service=service, actor=None, at=town.now,
        origin=Incident.Origin.ALERT,
    )  # fmt: skip
    town.tick()
    return ben, cleo, incident


@pytest.mark.browser
def test_acknowledge_take_command_hand_over_and_escalate_with_one_thumb(town: World, windows: Windows) -> None:
    ben, _cleo, incident = paged(town)
    page = windows.open(ben, link_in(ben, "p"), width=360)
    for name in ("Escalate now", "Take command", "Hand over to Cleo Dev"):
        box = page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= 360
    page.get_by_role("button", name="Acknowledge: I am on it").click()
    expect(page.get_by_text("You are on it.")).to_be_visible()
    page.goto(link_in(ben, "p"))
    page.get_by_role("button", name="Take command").click()
    expect(page.get_by_text("You are the commander.")).to_be_visible()
    page.goto(link_in(ben, "p"))
    page.get_by_role("button", name="Hand over to Cleo Dev").click()
    expect(page.get_by_text("asked to take over")).to_be_visible()
    assert RoleAssignment.objects.get(incident=incident, left_at=None).person.name == "Cleo Dev"
    page.goto(link_in(ben, "p"))
    page.get_by_role("button", name="Escalate now").click()
    expect(page.get_by_text("The next people are being paged.")).to_be_visible()
    assert Page.objects.filter(person__name="Cleo Dev").exists()


@pytest.mark.browser
def test_a_shift_is_taken_with_one_thumb(town: World, windows: Windows) -> None:
    ann, ben = town.person("Ann Doe"), town.person("Ben Ortiz")
    monday = town.now.date() - timedelta(days=town.now.weekday())
    weekly = RotationValues(name="Weekly", people=[ann], handoff_time=time(0), starts_on=monday)
    plan = actions.add_schedule("Payments", rotations=[weekly], actor=town.admin, at=town.now)
    since = town.now + timedelta(hours=2)
    actions.offer_shift(
        plan, duty="primary", person=ann, starts_at=since, ends_at=since + timedelta(hours=4), to=ben, actor=ann,
        at=town.now, reason="Dentist",
    )  # fmt: skip
    page = windows.open(ben, link_in(ben, "take"), width=360)
    page.get_by_role("button", name="Take this shift").click()
    expect(page.get_by_text("It is yours: you are on call then.")).to_be_visible()
    assert queries.on_call_now(plan, at=since)[Duty.PRIMARY] == [ben]
