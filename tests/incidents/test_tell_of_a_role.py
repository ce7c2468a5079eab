"""Who is given a role hears of it at once."""

import pytest

from core.errors import Refused
from incidents import actions
from incidents.models import Incident
from notifications.models import ContactMethod, Message, NotificationRule
from tests.world import World


def declared(world: World, **more) -> Incident:
    return actions.declare(
        title="Checkout is down", severity=world.severity("SEV2"), service=None, actor=world.admin, at=world.now, **more
    )


def notices() -> list[Message]:
    return list(Message.objects.filter(kind="notice"))


def test_a_role_that_is_given_is_told_at_once_by_every_method(world: World, settings, mailoutbox) -> None:
    cleo = world.person("Cleo Dev")
    method = ContactMethod.objects.create(person=cleo, channel="email", address=cleo.email, verified_at=world.now)
    NotificationRule.objects.create(person=cleo, urgency="high", after_seconds=600, method=method)
    incident = declared(world)
    path = f"/incidents/{incident.reference}/form/role/"
    world.browser(world.admin).post(path, {"role": "technical_lead", "person": cleo.pk})
    (notice,) = notices()
    assert (notice.person, notice.next_attempt_at) == (cleo, world.now)
    assert notice.subject == f"You are Technical lead of {incident.reference}: Checkout is down"
    assert notice.text.startswith(f"Cleo Dev, you are Technical lead of {incident.reference}. Ada Admin gave you")
    assert f"{settings.PUBLIC_URL}/incidents/{incident.reference}/" in notice.text
    world.tick()
    assert [letter.to for letter in mailoutbox if "Technical lead" in letter.subject] == [[cleo.email]]


def test_a_role_that_one_takes_oneself_is_no_news(world: World) -> None:
    cleo = world.person("Cleo Dev")
    actions.take_role(declared(world), "commander", person=cleo, actor=cleo, at=world.now)
    assert not notices()


def test_a_role_that_ends_before_its_notice_went_out_is_not_told(world: World) -> None:
    cleo, ben = world.person("Cleo Dev"), world.person("Ben Ops")
    incident = declared(world)
    actions.take_role(incident, "commander", person=cleo, actor=world.admin, at=world.now)
    actions.take_role(incident, "commander", person=ben, actor=world.admin, at=world.now)
    actions.leave_role(incident, "commander", person=ben, actor=world.admin, at=world.now)
    assert {notice.state for notice in notices()} == {"withdrawn"}


def test_of_a_private_incident_only_who_is_admitted_hears(world: World) -> None:
    cleo = world.person("Cleo Dev")
    incident = declared(world, private=True)
    with pytest.raises(Refused, match="admit Cleo Dev first"):
        actions.take_role(incident, "commander", person=cleo, actor=world.admin, at=world.now)
    assert not notices()
    actions.admit(incident, cleo, actor=world.admin, at=world.now)
    actions.take_role(incident, "commander", person=cleo, actor=world.admin, at=world.now)
    assert [notice.person for notice in notices()] == [cleo]
