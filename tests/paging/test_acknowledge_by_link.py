"""One tap on a phone that is signed in nowhere."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from incidents import actions, links
from incidents.models import Escalation, Incident, Kind, Page, TimelineEvent
from tests.paging.conftest import policy_of
from tests.receivers import MailCatcher
from tests.world import World


def paged(world: World, payments, **more) -> Incident:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    policy_of(payments, [ben], [cleo], wait=60)
    incident = actions.declare(
        title="Checkout errors above 5 %", severity=world.severity("SEV1"), service=payments, actor=None,
        at=world.now, origin=Incident.Origin.ALERT, **more,
    )  # fmt: skip
    world.tick()
    return incident


def link_in(mail: MailCatcher, address: str) -> str:
    (letter,) = mail.to(address)
    text = letter.get_body(("plain",)).get_content()
    found = re.search(r"https?://[^/\s]+(/p/\S+)", text)
    assert found
    return found[1]


def test_looking_changes_nothing_and_pressing_stops_the_paging(world: World, payments, mail: MailCatcher) -> None:
    incident = paged(world, payments)
    link = link_in(mail, "ben.ops@example.com")
    phone = Client(enforce_csrf_checks=True)

    assert phone.head(link).status_code == 200
    shown = phone.get(link)
    assert shown.status_code == 200
    assert "Acknowledge: I am on it" in shown.text
    incident.refresh_from_db()
    assert incident.acknowledged_at is None
    assert not TimelineEvent.objects.filter(kind=Kind.ACKNOWLEDGED).exists()

    pressed = phone.post(link)
    assert pressed.status_code == 200
    assert "You are on it" in pressed.text
    incident.refresh_from_db()
    assert incident.acknowledged_at == world.now
    event = TimelineEvent.objects.get(kind=Kind.ACKNOWLEDGED)
    assert event.actor.name == "Ben Ops"
    assert Page.objects.get().acknowledged_at == world.now
    assert Escalation.objects.get().state == Escalation.State.STOPPED
    world.advance(minutes=5)
    assert not mail.to("cleo.dev@example.com")


def test_pressing_twice_is_peace(world: World, payments, mail: MailCatcher) -> None:
    paged(world, payments)
    link = link_in(mail, "ben.ops@example.com")
    assert [Client().post(link).status_code for _ in range(3)] == [200, 200, 200]
    assert TimelineEvent.objects.filter(kind=Kind.ACKNOWLEDGED).count() == 1
    assert Client().get(link).status_code == 200


def test_who_comes_second_is_told_who_was_first(world: World, payments, mail: MailCatcher) -> None:
    paged(world, payments)
    world.advance(seconds=60)
    Client().post(link_in(mail, "cleo.dev@example.com"))
    answer = Client().post(link_in(mail, "ben.ops@example.com"))
    assert answer.status_code == 409
    assert "Cleo Dev was first" in answer.text
    assert "nothing you must do" in answer.text


def test_a_link_to_what_is_over_says_so(world: World, payments, mail: MailCatcher) -> None:
    incident = paged(world, payments)
    link = link_in(mail, "ben.ops@example.com")
    actions.resolve(incident, actor=world.admin, at=world.now)
    for answer in (Client().get(link), Client().post(link)):
        assert answer.status_code == 410
        assert "It is over" in answer.text


def test_a_link_ends_after_a_day(world: World, payments, mail: MailCatcher) -> None:
    incident = paged(world, payments)
    link = link_in(mail, "ben.ops@example.com")
    world.traveller.move_to(world.now + timedelta(hours=24))
    for answer in (Client().get(link), Client().post(link)):
        assert answer.status_code == 410
        assert "Checkout" not in answer.text
    incident.refresh_from_db()
    assert incident.acknowledged_at is None


@pytest.mark.parametrize(
    "bend",
    [
        lambda token: token[:-1],
        lambda token: token + "x",
        lambda token: "9" + token,
        lambda token: token.replace("-", "-9", 1),
        lambda token: "nonsense",
        lambda token: "1-2.é",
        lambda token: "." * 500,
    ],
)
def test_a_bent_link_opens_nothing(world: World, payments, mail: MailCatcher, bend) -> None:
    incident = paged(world, payments)
    token = links.token_for(Page.objects.get(), at=world.now)
    for answer in (Client().get(f"/p/{bend(token)}/"), Client().post(f"/p/{bend(token)}/")):
        assert answer.status_code == 404
        assert "nothing behind this link" in answer.text
    incident.refresh_from_db()
    assert incident.acknowledged_at is None


def test_the_link_of_a_closed_account_does_nothing(world: World, payments, mail: MailCatcher) -> None:
    incident = paged(world, payments)
    link = link_in(mail, "ben.ops@example.com")
    type(world.admin).objects.filter(email="ben.ops@example.com").update(is_active=False)
    answer = Client().post(link)
    assert answer.status_code == 410
    assert "Checkout" not in answer.text
    incident.refresh_from_db()
    assert incident.acknowledged_at is None


def test_other_methods_are_refused(world: World, payments, mail: MailCatcher) -> None:
    paged(world, payments)
    assert Client().put(link_in(mail, "ben.ops@example.com")).status_code == 405


def test_after_a_hand_made_escalation_the_new_person_s_link_stops_it(world: World, payments, mail) -> None:
    from incidents import escalation

    incident = paged(world, payments)
    Client().post(link_in(mail, "ben.ops@example.com"))
    escalation.escalate_now(incident, actor=world.admin, at=world.now)
    world.tick()
    link = link_in(mail, "cleo.dev@example.com")
    assert "Acknowledge: I am on it" in Client().get(link).text
    assert Client().post(link).status_code == 200
    assert not Escalation.objects.filter(state=Escalation.State.RUNNING).exists()
    assert Page.objects.get(person__email="cleo.dev@example.com").acknowledged_at is not None
