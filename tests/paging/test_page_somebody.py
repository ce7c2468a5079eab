"""From the room, while the incident is open: the next people of the plan, or one person by name."""

from django.test import Client

from incidents import actions
from incidents.models import Kind, Page, TimelineEvent
from tests.paging.conftest import policy_of
from tests.paging.test_acknowledge_by_link import link_in
from tests.paging.test_escalate import declare, story
from tests.receivers import MailCatcher
from tests.world import World


def test_after_somebody_acknowledged_the_room_still_offers_more_people(world: World, payments, mail) -> None:
    ben, cleo = world.person("Ben Ops"), world.person("Cleo Dev")
    policy_of(payments, [ben], [cleo], wait=600)
    incident = declare(world, payments)
    world.tick()
    actions.acknowledge(incident, actor=ben, at=world.now)
    browser, path = world.browser(ben), f"/incidents/{incident.reference}/"
    shown = browser.get(path).text
    assert shown.count("Escalate now") >= 2  # beside the people paged, and in the menu of the moves
    assert shown.count(f"{path}form/page/") == 2
    assert browser.post(f"{path}escalate/", headers={"HX-Request": "true"}).status_code == 200
    world.tick()
    assert len(mail.to(cleo.email)) == 1
    viewer = world.browser(world.person("Vera Views", role="viewer")).get(path).text
    assert "Escalate now" not in viewer
    assert "form/page/" not in viewer
    actions.resolve(incident, actor=ben, at=world.now)
    assert "Escalate now" not in browser.get(path).text


def test_somebody_is_paged_by_name_with_a_reason_and_can_answer(world: World, payments, mail: MailCatcher) -> None:
    ben, dora = world.person("Ben Ops"), world.person("Dora Base")
    policy_of(payments, [ben])
    incident = declare(world, payments)
    world.tick()
    actions.acknowledge(incident, actor=ben, at=world.now)
    browser, path = world.browser(ben), f"/incidents/{incident.reference}/form/page/"
    assert "Why are they needed?" in browser.get(path).text
    refused = browser.post(path, {"person": dora.pk, "reason": " "})
    assert refused.status_code == 422
    assert "Say in a few words why this person is needed." in refused.text
    assert browser.post(path, {"person": dora.pk, "reason": "the replica will not start."}).status_code == 302
    world.tick()
    (letter,) = mail.to(dora.email)
    text = letter.get_body(("plain",)).get_content()
    assert "Why you: the replica will not start (asked for by Ben Ops)." in text
    assert "paged Dora Base: the replica will not start (asked for by Ben Ops)" in story(incident, Kind.PAGED)[-1]
    assert TimelineEvent.objects.filter(kind=Kind.PAGED).last().actor == ben
    link = link_in(mail, dora.email)
    assert "Ben Ops is on it already, and you were asked for." in Client().get(link).text
    assert "room-next" in world.browser(dora).get(f"/incidents/{incident.reference}/").text
    assert Client().post(link).status_code == 200
    assert Page.objects.get(person=dora).acknowledged_at == world.now
    assert "You are on it" in Client().get(link).text


def test_a_program_pages_somebody_too(world: World, payments, mail: MailCatcher) -> None:
    dora = world.person("Dora Base")
    policy_of(payments, [world.person("Ben Ops")])
    incident = declare(world, payments)
    path, body = f"/incidents/{incident.reference}/page/", {"person": dora.pk, "reason": "disk"}
    assert world.program(world.person("Vera Views", role="viewer")).post(path, body).status_code == 403
    assert world.program().post(path, {"person": dora.pk}).status_code == 400
    assert world.program().post(path, body).status_code == 200
    world.tick()
    assert len(mail.to(dora.email)) == 1
    actions.resolve(incident, actor=world.admin, at=world.now)
    assert world.program().post(path, body).status_code == 409


def test_who_was_paged_may_answer_in_the_room_whatever_their_role(world: World, payments, mail: MailCatcher) -> None:
    vera, other = world.person("Vera Views", role="viewer"), world.person("Otto Views", role="viewer")
    policy_of(payments, [vera])
    incident = declare(world, payments)
    world.tick()
    path = f"/incidents/{incident.reference}/"
    assert f"{path}move/acknowledge/" in world.browser(vera).get(path).text
    assert f"{path}move/acknowledge/" not in world.browser(other).get(path).text
    assert world.browser(other).post(f"{path}move/acknowledge/").status_code == 403
    assert world.browser(vera).post(f"{path}move/resolve/").status_code == 403
    assert world.program(other).post(f"{path}acknowledge/").status_code == 403
    assert world.browser(vera).post(f"{path}move/acknowledge/").status_code == 302
    incident.refresh_from_db()
    assert incident.acknowledged_at == world.now
    assert world.program(vera).post(f"{path}acknowledge/").status_code == 200  # again: peace
    assert "room-next" not in world.browser(vera).get(path).text
