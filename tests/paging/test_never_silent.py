"""Everyone was paged and nobody answered: the last ones are paged again until somebody does."""

from datetime import timedelta

from incidents import actions, escalation
from incidents.models import Escalation, Incident, Kind, Page
from notifications.models import Message
from tests.paging.conftest import policy_of
from tests.paging.test_escalate import declare, story
from tests.receivers import MailCatcher
from tests.world import World


def room(world: World, incident: Incident) -> str:
    return world.browser(world.admin).get(f"/incidents/{incident.reference}/").text


def test_the_fallback_and_the_administrators_are_paged_again_until_somebody_acknowledges(
    world: World, payments, mail: MailCatcher
) -> None:
    ben, dora = world.person("Ben Ops"), world.person("Dora Chief")
    policy_of(payments, [ben], wait=60, fallback=dora)
    incident = declare(world, payments)
    world.advance(minutes=2)  # Ben, Dora, and the silence is told
    assert (len(mail.to(ben.email)), len(mail.to(dora.email)), len(mail.to(world.admin.email))) == (1, 1, 0)
    world.advance(minutes=14)
    assert len(mail.ledger) == 2
    world.advance(minutes=1)
    assert (len(mail.to(ben.email)), len(mail.to(dora.email)), len(mail.to(world.admin.email))) == (1, 2, 1)
    assert "nobody has acknowledged, and everyone in Payments was paged" in story(incident, Kind.PAGED)[-1]
    world.advance(minutes=45)
    assert len(mail.to(dora.email)) == 5
    world.advance(hours=2)  # hourly from here
    assert len(mail.to(dora.email)) == 7
    assert len(story(incident, Kind.ESCALATION_ENDED)) == 1
    actions.acknowledge(incident, actor=dora, at=world.now)
    world.advance(hours=3)
    assert len(mail.to(dora.email)) == 7


def test_the_room_keeps_its_alarm_and_its_buttons_while_nobody_answers(world: World, payments, mail) -> None:
    policy_of(payments, [world.person("Ben Ops")], wait=60)
    incident = declare(world, payments)
    world.advance(minutes=5)
    shown = room(world, incident)
    assert "Nobody has acknowledged" in shown
    assert "card-burning" in shown
    assert "Everyone was paged and nobody answered." in shown
    assert "The last ones are paged again:" in shown
    assert f"/incidents/{incident.reference}/move/acknowledge/" in shown
    assert f"/incidents/{incident.reference}/escalate/" in shown


def test_the_last_one_reads_when_they_are_paged_again(world: World, payments, mail: MailCatcher) -> None:
    dora = world.person("Dora Chief")
    policy_of(payments, [], wait=60, fallback=dora)
    declare(world, payments)
    world.tick()
    text = mail.to(dora.email)[0].get_body(("plain",)).get_content()
    assert "You are the last in the plan. If nobody acknowledges" in text
    assert "nobody is paged" not in text


def test_what_was_acknowledged_and_escalated_again_alarms_again_to_the_end(world: World, payments, mail) -> None:
    ben, dora = world.person("Ben Ops"), world.person("Dora Chief")
    policy_of(payments, [ben], wait=60, fallback=dora)
    incident = declare(world, payments)
    world.tick()
    actions.acknowledge(incident, actor=ben, at=world.now)
    assert "Nobody has acknowledged" not in room(world, incident)
    escalation.escalate_now(incident, actor=ben, at=world.now)
    world.advance(minutes=20)
    assert len(mail.to(dora.email)) == 2
    assert "Nobody has acknowledged" in room(world, incident)
    actions.acknowledge(incident, actor=dora, at=world.now)
    assert "Nobody has acknowledged" not in room(world, incident)
    assert Escalation.objects.get().state == Escalation.State.STOPPED


def test_escalating_what_is_used_up_begins_the_plan_again(world: World, payments, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    policy_of(payments, [ben], wait=60)
    incident = declare(world, payments)
    world.advance(minutes=5)
    escalation.escalate_now(incident, actor=world.admin, at=world.now)
    world.tick()
    assert len(mail.to(ben.email)) == 2
    assert list(Escalation.objects.values_list("state", flat=True)) == ["running", "exhausted"]


def test_a_row_of_old_that_is_exhausted_can_be_answered_and_escalated(world: World, payments, mail) -> None:
    ben = world.person("Ben Ops")
    policy_of(payments, [ben], wait=60)
    incident = declare(world, payments)
    world.advance(minutes=1)
    acknowledged = world.now - timedelta(seconds=30)
    Incident.objects.update(acknowledged_at=acknowledged)  # acknowledged once, escalated by hand, used up
    Escalation.objects.update(state="exhausted", round=1, step=1, next_step_at=None, stopped_at=world.now)
    assert "Everyone was paged and nobody answered." in room(world, incident)
    escalation.escalate_now(incident, actor=world.admin, at=world.now)
    world.tick()
    assert len(mail.to(ben.email)) == 2
    Escalation.objects.filter(state="running").update(state="exhausted", next_step_at=None, stopped_at=world.now)
    actions.acknowledge(incident, actor=ben, at=world.now)
    assert "Nobody has acknowledged" not in room(world, incident)


def test_a_row_of_old_that_waits_for_its_end_goes_on(world: World, payments, mail: MailCatcher) -> None:
    policy_of(payments, [world.person("Ben Ops")], wait=60)
    incident = declare(world, payments)
    Escalation.objects.update(round=1, step=1)  # the fallback was paged, and its wait runs out now
    world.tick()
    assert story(incident, Kind.ESCALATION_ENDED)
    world.advance(minutes=15)
    assert len(mail.to(world.admin.email)) == 1


def test_with_nobody_left_at_all_it_goes_on_quietly_until_there_is_somebody(world: World, payments, mail) -> None:
    policy_of(payments, [], wait=60)
    incident = declare(world, payments)
    type(world.admin).objects.update(is_active=False)
    world.advance(minutes=40)
    assert not Page.objects.exists()
    assert len(story(incident, Kind.ESCALATED)) == 2  # the step, and the fallback, once each
    type(world.admin).objects.update(is_active=True)
    world.advance(minutes=20)
    assert Page.objects.exists()


def test_a_dead_mail_server_makes_no_storm_of_the_last_calls(world: World, payments, mail: MailCatcher) -> None:
    mail.answers[world.admin.email] = "550 5.1.1 no such user"
    policy_of(payments, [], wait=60)
    declare(world, payments)
    world.advance(minutes=61)
    assert Page.objects.count() == 5
    assert Message.objects.filter(state="failed", topic__startswith="page/").count() == 5
