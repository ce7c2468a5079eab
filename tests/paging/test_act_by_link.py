"""From the message, in two taps: escalate, take command, hand over."""

from django.test import Client

from incidents import actions
from incidents.models import Kind, Page, RoleAssignment, TimelineEvent
from tests.paging.test_acknowledge_by_link import link_in, paged
from tests.receivers import MailCatcher
from tests.world import World


def test_the_link_escalates_at_once(world: World, payments, mail: MailCatcher) -> None:
    paged(world, payments)
    link, phone = link_in(mail, "ben.ops@example.com"), Client(enforce_csrf_checks=True)
    assert "Escalate now" in phone.get(link).text
    assert "being paged" in phone.post(link, {"do": "escalate"}).text
    world.tick()
    assert Page.objects.filter(person__name="Cleo Dev").count() == 1
    assert TimelineEvent.objects.get(kind=Kind.ESCALATED).actor.name == "Ben Ops"


def test_the_link_takes_command_and_hands_it_over(world: World, payments, mail: MailCatcher) -> None:
    incident = paged(world, payments)
    link, phone = link_in(mail, "ben.ops@example.com"), Client()
    shown = phone.post(link, {"do": "command"}).text
    assert "You are the commander" in shown
    assert "Take command" not in shown
    cleo = world.person("Dan Dev")  # stands in no plan
    assert phone.post(link, {"do": f"hand:{cleo.pk}"}).status_code == 409
    after = Page.objects.count()
    button = phone.get(link).text.partition('value="hand:')[2].partition('"')[0]
    assert "asked to take over" in phone.post(link, {"do": f"hand:{button}"}).text
    assert Page.objects.count() == after + 1
    held = RoleAssignment.objects.get(incident=incident, left_at=None)
    assert (held.role, held.person.name) == ("commander", "Cleo Dev")
    assert "Ben Ops hands over" in Page.objects.latest("pk").because


def test_what_the_link_may_not_do_is_said_and_changes_nothing(world: World, payments, mail: MailCatcher) -> None:
    incident = paged(world, payments)
    link, phone = link_in(mail, "ben.ops@example.com"), Client()
    assert phone.post(link, {"do": "delete"}).status_code == 400
    ben = Page.objects.get().person
    ben.role = "viewer"
    ben.save()
    assert "Take command" not in phone.get(link).text
    assert phone.post(link, {"do": "command"}).status_code == 409
    for move in (actions.accept, actions.mitigate, actions.resolve):
        move(incident, actor=world.admin, at=world.now)
    assert phone.post(link, {"do": "escalate"}).status_code == 410
    assert not TimelineEvent.objects.filter(kind=Kind.ESCALATED).exists()
