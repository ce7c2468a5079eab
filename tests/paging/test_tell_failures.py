"""Pages that do not arrive are told in the room, and the plan goes on."""

import uuid
from datetime import timedelta

from django.db import connection

from incidents import actions, escalation, paging
from incidents.models import Escalation, Incident, Kind, Page, TimelineEvent
from notifications.models import ContactMethod, Message
from tests.paging.conftest import policy_of
from tests.paging.test_escalate import declare, story
from tests.receivers import MailCatcher, WebReceiver
from tests.world import World


def test_a_dead_letter_is_told_once_in_the_story(world: World, payments, mail: MailCatcher, web: WebReceiver) -> None:
    ben = world.person("Ben Ops")
    ContactMethod.objects.create(person=ben, channel="webhook", address=web.url(), verified_at=world.now)
    ContactMethod.objects.create(person=ben, channel="email", address=ben.email, verified_at=world.now)
    web.mode = "410"
    policy_of(payments, [ben], wait=3600)
    incident = declare(world, payments)
    world.advance(seconds=10)
    assert story(incident, Kind.PAGE_FAILED) == [
        "could not reach Ben Ops by signed webhook: The receiver answered 410."
    ]
    assert len(mail.to(ben.email)) == 1
    assert not story(incident, Kind.ESCALATED)  # his mail arrived: the plan keeps its time


def test_when_nobody_of_a_step_can_be_reached_the_next_step_goes_at_once(world: World, payments, mail) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    mail.answers[ben.email] = "550 5.1.1 no such user"
    policy_of(payments, [ben], [cleo], wait=3600)
    incident = declare(world, payments)
    world.tick()
    world.tick()
    assert len(mail.to(cleo.email)) == 1
    assert "can reach nobody of step 1" in story(incident, Kind.ESCALATED)[0]


def test_one_who_is_reached_keeps_the_step_s_time(world: World, payments, mail: MailCatcher) -> None:
    ben, cleo, dora = world.person("Ben Ops"), world.person("Cleo Dev"), world.person("Dora Chief")
    mail.answers[ben.email] = "550 5.1.1 no such user"
    policy_of(payments, [ben, cleo], [dora], wait=3600)
    declare(world, payments)
    world.advance(seconds=30)
    assert len(mail.to(cleo.email)) == 1
    assert not mail.to(dora.email)


def test_one_who_cannot_be_paged_holds_up_nobody(world: World, payments, mail: MailCatcher, monkeypatch) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    policy_of(payments, [ben, cleo], wait=3600)
    incident = declare(world, payments)
    with connection.cursor() as cursor:  # a row that breaks whatever is left for Ben
        cursor.execute(
            "ALTER TABLE notifications_message ADD CONSTRAINT no_ben CHECK (address <> %s) NOT VALID", [ben.email]
        )
    world.tick()
    assert [row.path for row in mail.ledger.rows] == [cleo.email]
    assert "could not page Ben Ops: a fault inside Muster" in story(incident, Kind.PAGE_FAILED)[0]


def test_a_late_step_and_an_acknowledgement_leave_nothing_queued(world: World, payments, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    policy_of(payments, [ben], wait=60)
    incident = declare(world, payments)
    escalation.escalations_due(world.now)  # the step fired, and nothing was sent yet
    actions.acknowledge(incident, actor=None, at=world.now)
    world.advance(minutes=10)
    assert len(mail.ledger) == 0
    assert set(Message.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_a_killed_sweep_repeats_its_step_for_the_same_people_with_the_same_keys(world: World, payments, mail) -> None:
    """The step is one transaction: either all of it stands or none. Here the whole of it is done a second time."""
    ben = world.person("Ben Ops")
    policy_of(payments, [ben], wait=600)
    incident = declare(world, payments)
    world.tick()
    Escalation.objects.update(round=0, step=0, next_step_at=world.now)
    world.tick()
    assert len(mail.ledger) == 1
    assert Page.objects.count() == 1
    assert len(story(incident, Kind.PAGED)) == 1


def test_a_page_by_hand_asks_one_person_and_no_plan(world: World, payments, mail: MailCatcher) -> None:
    policy_of(payments, [])
    cleo = world.person("Cleo Dev")
    incident = declare(world, payments)
    page = paging.page(incident, cleo, reason="asked for by Ada Admin", at=world.now, actor=world.admin)
    world.tick()
    (letter,) = mail.to(cleo.email)
    text = letter.get_body(("plain",)).get_content()
    assert "Why you: asked for by Ada Admin." in text
    assert "last one in the plan" not in text
    assert TimelineEvent.objects.get(kind=Kind.PAGED, data__page=page.pk).actor == world.admin


def test_a_page_for_an_incident_that_was_swallowed_is_told_without_harm(world: World, mail: MailCatcher) -> None:
    person = world.person("Ben Ops")
    Message.objects.create(
        topic="page/999999", kind="page", person=person, channel="email", address=person.email, subject="x",
        idempotency_key=str(uuid.uuid4()), state="failed", created_at=world.now - timedelta(days=1),
    )  # fmt: skip
    assert paging.failures_due(world.now) == 1
    assert paging.failures_due(world.now) == 0


def test_what_is_over_gets_no_more_steps_from_a_failed_page(world: World, payments, mail: MailCatcher) -> None:
    ben = world.person("Ben Ops")
    mail.answers[ben.email] = "550 no"
    policy_of(payments, [ben], [world.person("Cleo Dev")], wait=3600)
    incident = declare(world, payments)
    escalation.escalations_due(world.now)
    actions.resolve(incident, actor=world.admin, at=world.now)
    world.advance(minutes=1)
    assert len(mail.ledger) == 0
    assert Incident.objects.get(pk=incident.pk).is_over
