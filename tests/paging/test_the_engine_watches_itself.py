"""What must always hold of paging is looked at every minute, and what does not hold wakes the administrators."""

import uuid
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Service
from config import auditing
from core.models import ClockTick
from incidents import actions, escalation
from incidents.models import Escalation, Incident, Page, TimelineEvent
from notifications.models import Message
from tests.paging.conftest import policy_of
from tests.receivers import MailCatcher, WebReceiver
from tests.world import World


def declared(world: World, service: Service | None = None) -> Incident:
    return actions.declare(title="Down", severity=world.severity("SEV1"), service=service, actor=None, at=world.now)


def broken(world: World) -> set[str]:
    return {finding.rule.name for finding in auditing.findings(world.now, clocks=lambda at: [])}


def test_a_night_of_paging_breaks_no_rule(world: World, payments: Service, mail: MailCatcher) -> None:
    policy_of(payments, [world.person("Ben")], [world.person("Cleo")], [])
    first, second, third = declared(world, payments), declared(world), declared(world, payments)
    world.advance(minutes=4)
    actions.acknowledge(first, actor=None, at=world.now, actor_name="A phone")
    world.advance(minutes=30)
    actions.resolve(second, actor=world.admin, at=world.now)
    world.advance(hours=3)
    escalation.escalate_now(first, actor=world.admin, at=world.now)
    world.advance(minutes=3)
    assert not auditing.findings(world.now)
    assert third.escalations.get().state == "running"
    out = StringIO()
    call_command("audit_paging", stdout=out)
    assert out.getvalue() == "0 violations\n"
    assert not Message.objects.filter(topic__startswith="alarm/").exists()


def test_each_rule_finds_what_breaks_it(world: World, payments: Service) -> None:
    policy_of(payments, [world.person("Ben")])
    assert broken(world) == set()
    declared(world, payments)
    world.traveller.shift(timedelta(seconds=31))
    assert broken(world) == {"step_overdue"}
    auditing.SWEEPS["escalations"].function()(world.now)
    assert broken(world) == set()
    world.traveller.shift(timedelta(seconds=31))
    assert broken(world) == {"page_overdue"}
    message = Message.objects.get()
    Message.objects.update(
        state="sending", next_attempt_at=None, lease_token=uuid.uuid4(), lease_until=world.now - timedelta(seconds=61)
    )
    assert broken(world) == {"sender_lost"}
    Message.objects.update(state="failed", lease_token=None, lease_until=None)
    world.traveller.shift(timedelta(seconds=61))
    assert broken(world) == {"failure_untold"}
    Message.objects.all().delete()
    assert broken(world) == {"page_without_message"}
    Page.objects.all().delete()
    assert broken(world) == {"step_unsaid"}
    TimelineEvent.objects.create(
        incident=Incident.objects.get(), seq=99, kind="escalated", data={"nobody": True, "is_fallback": True},
        happened_at=world.now, recorded_at=world.now,
    )  # fmt: skip
    assert broken(world) == {"nobody"}
    Incident.objects.update(status="resolved", resolved_at=world.now)
    assert broken(world) == {"nobody", "pages_on"}
    Incident.objects.update(status="investigating", resolved_at=None)
    Escalation.objects.all().delete()
    assert broken(world) == {"never_paged"}
    assert message.kind == "page"


def test_the_command_lists_what_it_finds_and_fails(world: World, payments: Service) -> None:
    incident = declared(world, payments)
    ClockTick.objects.all().delete()
    world.tick()
    Escalation.objects.update(next_step_at=world.now - timedelta(minutes=2))
    out = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("audit_paging", stdout=out)
    assert (str(failed.value), failed.value.returncode) == ("1 violation", 1)
    assert out.getvalue() == (f"step_overdue {incident.number}: The next step for {incident.reference} is overdue.\n")


def test_what_stays_wrong_for_a_second_look_pages_the_administrators_once_an_hour(
    world: World, payments: Service, mail: MailCatcher
) -> None:
    declared(world, payments)
    world.tick()
    Escalation.objects.update(next_step_at=world.now - timedelta(minutes=2))
    alarms = Message.objects.filter(topic="alarm/step_overdue")
    auditing.audit_due(world.now)
    assert not alarms.exists()
    for _look in range(5):
        world.traveller.shift(timedelta(minutes=1))
        auditing.audit_due(world.now)
    alarm = alarms.get()
    assert (alarm.person, alarm.kind, alarm.rank) == (world.admin, "page", 10)
    assert "/settings/paging-health/" in alarm.text
    world.traveller.shift(timedelta(hours=1))
    auditing.audit_due(world.now)
    assert alarms.count() == 2
    world.tick()
    world.tick()
    assert not ClockTick.objects.filter(name__startswith="audit/").exists()


def test_a_page_that_cannot_be_delivered_pages_the_administrators(
    world: World, payments: Service, mail: MailCatcher
) -> None:
    ben = world.person("Ben")
    policy_of(payments, [ben])
    mail.answers[ben.email] = "550 no such person"
    declared(world, payments)
    world.advance(minutes=2)
    told = [each for each in mail.to(world.admin.email) if "in trouble" in each["subject"]]
    assert len(told) == 1


def test_the_heartbeat_goes_out_only_while_all_holds(world: World, web: WebReceiver, settings: Any) -> None:
    settings.HEARTBEAT_URL = web.url("/beat")
    world.tick()
    world.tick()
    beats = len(web.ledger)
    assert beats >= 1
    declared(world)
    world.tick()
    Escalation.objects.update(next_step_at=world.now - timedelta(minutes=2))
    auditing.audit_due(world.now)
    assert len(web.ledger) == beats + 1
    web.mode = "500"
    world.advance(minutes=1)
    assert ClockTick.objects.get(name="heartbeat").failure == "The receiver answered 500."
    page = world.browser(world.admin).get("/settings/paging-health/").content.decode()
    assert "The receiver answered 500." in page


def test_a_clock_that_stands_still_is_found(world: World) -> None:
    assert "escalations" in auditing.stale_clocks(world.now)
    world.tick()
    assert auditing.stale_clocks(world.now) == []
    world.traveller.shift(timedelta(seconds=45))
    assert "messages" in auditing.stale_clocks(world.now)
    assert "payload_retention" not in auditing.stale_clocks(world.now)


def test_administrators_see_what_holds_and_figures_tell_it(world: World, payments: Service) -> None:
    incident = declared(world, payments)
    world.tick()
    Escalation.objects.update(next_step_at=world.now - timedelta(minutes=2))
    page = world.browser(world.admin).get("/settings/paging-health/").content.decode()
    assert f"The next step for {incident.reference} is overdue." in page
    assert "Broken" in page
    assert world.browser(world.person("Vera", role="viewer")).get("/settings/paging-health/").status_code == 403
    assert 'href="/settings/paging-health/"' in world.browser(world.admin).get("/settings/").content.decode()
    figures = world.browser(world.admin).get("/metrics").content.decode()
    assert 'muster_paging_violations{rule="step_overdue"} 1.0' in figures
    assert 'muster_paging_violations{rule="nobody"} 0.0' in figures


def test_the_page_stands_before_any_clock_has_ticked(world: World) -> None:
    ClockTick.objects.all().delete()
    assert world.browser(world.admin).get("/settings/paging-health/").status_code == 200
