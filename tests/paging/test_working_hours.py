"""A severity of low urgency pages in working hours only."""

from datetime import UTC, datetime

import pytest

from incidents import actions, escalation
from incidents.models import Escalation, Incident, Kind, Page
from oncall.models import Schedule, Target
from tests.paging.conftest import policy_of
from tests.paging.test_escalate import declare, story
from tests.receivers import MailCatcher
from tests.world import World

SATURDAY = datetime(2026, 1, 10, 5, 37, tzinfo=UTC)
MONDAY = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
FIRST = "SEV4 pages in working hours only: the first page goes Monday 09:00"


@pytest.fixture
def saturday(world: World) -> World:
    world.traveller.move_to(SATURDAY)
    return world


def room(world: World, incident: Incident) -> str:
    return world.browser(world.admin).get(f"/incidents/{incident.reference}/").text


def test_on_a_saturday_nobody_is_paged_before_monday_and_the_room_says_so(saturday: World, payments, mail) -> None:
    ben = saturday.person("Ben Ops")
    policy_of(payments, [ben])
    incident = declare(saturday, payments, "SEV4")
    saturday.tick()
    assert Escalation.objects.get().next_step_at == MONDAY
    assert not Page.objects.exists()
    assert story(incident, Kind.ESCALATED) == [FIRST]
    assert room(saturday, incident).count(FIRST) == 2  # in the story and beside the people paged
    saturday.traveller.move_to(MONDAY)
    saturday.tick()
    assert len(mail.to(ben.email)) == 1


def test_what_wakes_people_pages_on_a_saturday_too(saturday: World, payments, mail: MailCatcher) -> None:
    policy_of(payments, [saturday.person("Ben Ops")])
    declare(saturday, payments, "SEV1")
    saturday.tick()
    assert len(mail.ledger) == 1


def test_a_drill_pages_at_once_since_somebody_is_watching_it(saturday: World, payments, mail: MailCatcher) -> None:
    ben = saturday.person("Ben Ops")
    policy_of(payments, [ben])
    actions.declare(
        title="A small drill",
        severity=saturday.severity("SEV4"),
        service=payments,
        actor=saturday.admin,
        at=saturday.now,
        drill=True,
    )
    saturday.tick()
    assert len(mail.to(ben.email)) == 1


def test_the_clock_is_that_of_the_first_schedule_the_plan_names(saturday: World, payments, mail) -> None:
    tokyo = Schedule.objects.create(name="Tokyo", slug="tokyo", time_zone="Asia/Tokyo")
    policy = policy_of(payments, [saturday.person("Ben Ops")])
    Target.objects.create(step=policy.steps.get(), kind="schedule", schedule=tokyo, duty="primary")
    declare(saturday, payments, "SEV4")
    assert Escalation.objects.get().next_step_at == datetime(2026, 1, 12, 0, 0, tzinfo=UTC)


def test_a_step_that_would_come_in_the_evening_waits_for_the_morning(world: World, payments, mail: MailCatcher) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    policy_of(payments, [ben], [cleo], wait=600)
    world.traveller.move_to(datetime(2026, 1, 9, 16, 55, tzinfo=UTC))  # a Friday
    incident = declare(world, payments, "SEV4")
    world.advance(minutes=30)
    assert (len(mail.to(ben.email)), len(mail.to(cleo.email))) == (1, 0)
    assert story(incident, Kind.ESCALATED) == [
        "SEV4 pages in working hours only: the next page goes Monday 09:00",
    ]
    text = mail.to(ben.email)[0].get_body(("plain",)).get_content()
    assert "step 2 pages Cleo Dev in 2 d 16 h, at 09:00 UTC" in text
    assert "the next page goes Monday 09:00" in room(world, incident)
    world.traveller.move_to(MONDAY)
    world.tick()
    assert len(mail.to(cleo.email)) == 1


def test_escalate_now_pages_at_once_all_the_same_and_the_next_step_waits_again(saturday: World, payments, mail) -> None:
    ben, cleo = saturday.person("Ben Ops"), saturday.person("Cleo Dev")
    policy_of(payments, [ben], [cleo], wait=60)
    incident = declare(saturday, payments, "SEV4")
    escalation.escalate_now(incident, actor=ben, at=saturday.now)
    saturday.advance(minutes=10)
    assert (len(mail.to(ben.email)), len(mail.to(cleo.email))) == (1, 0)
    assert Escalation.objects.get().next_step_at == MONDAY


def test_raising_it_to_what_wakes_people_pages_at_once(saturday: World, payments, mail: MailCatcher) -> None:
    ben = saturday.person("Ben Ops")
    policy_of(payments, [ben])
    incident = declare(saturday, payments, "SEV4")
    actions.change_severity(incident, saturday.severity("SEV1"), actor=saturday.admin, at=saturday.now)
    saturday.tick()
    assert len(mail.to(ben.email)) == 1


def test_what_is_lowered_meanwhile_waits_at_its_next_step(saturday: World, payments, mail: MailCatcher) -> None:
    ben, cleo = saturday.person("Ben Ops"), saturday.person("Cleo Dev")
    policy_of(payments, [ben], [cleo], wait=60)
    incident = declare(saturday, payments, "SEV1")
    saturday.tick()
    actions.change_severity(incident, saturday.severity("SEV4"), actor=saturday.admin, at=saturday.now)
    saturday.advance(minutes=5)
    assert not mail.to(cleo.email)
    assert Escalation.objects.get().next_step_at == MONDAY
