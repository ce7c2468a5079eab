"""A private incident's words are found nowhere by a person outside it."""

import secrets

import pytest

from accounts.models import User
from incidents import actions, queries
from incidents.models import Incident, Role
from tests.world import World

WORD = "zq" + secrets.token_hex(6)


@pytest.fixture
def insider(world: World) -> User:
    return world.person("Ivy Inside")


@pytest.fixture
def outsider(world: World) -> User:
    return world.person("Otto Outside", role="manager")


@pytest.fixture
def secret(world: World, insider: User) -> Incident:
    incident = actions.declare(
        title=f"Leak {WORD}", severity=world.severity("SEV1"), service=world.service("Payments"), actor=insider,
        at=world.now, private=True, summary=f"summary {WORD}",
    )  # fmt: skip
    actions.add_note(incident, f"note {WORD}", actor=insider, at=world.now)
    actions.post_update(incident, audience="internal", text=f"update {WORD}", actor=insider, at=world.now)
    actions.take_role(incident, Role.COMMANDER, person=insider, actor=insider, at=world.now)
    return incident


def pages(incident: Incident) -> list[str]:
    room = f"/incidents/{incident.reference}/"
    return [
        "/incidents/",
        "/incidents/?show=all",
        "/incidents/?show=mine",
        f"/incidents/?q={WORD[:4]}",
        f"/incidents/?q={incident.reference}",
        f"/incidents/?q={incident.number}",
        "/incidents/?q=Payments&show=all",
        "/incidents/?service=payments&show=all",
        f"/incidents/similar/?title={WORD}+Leak",
        f"/incidents/declare/?title={WORD[:0]}Leak",
        "/incidents/of-service/payments/",
        *(room + part for part in ("", "live/", "timeline/", "form/details/", "form/admit/", "form/times/")),
    ]


def calls(incident: Incident) -> list[str]:
    one = f"/incidents/{incident.reference}"
    return [
        "/incidents/",
        f"/incidents/?q={WORD[:5]}",
        f"/incidents/?q={incident.reference}",
        "/incidents/?service=payments",
        "/incidents/?open=true",
        *(one + part for part in ("", "/timeline", "/notes", "/updates", "/roles", "/pages", "/admissions")),
    ]


def test_nobody_outside_finds_it_on_any_page(world: World, secret: Incident, outsider: User) -> None:
    browser = world.browser(outsider)
    for address in pages(secret):
        body = browser.get(address).content.decode()
        assert WORD not in body, address
        if "q=" not in address and secret.reference not in address:
            assert secret.reference not in body, address


def test_nobody_outside_finds_it_by_the_api(world: World, secret: Incident, outsider: User) -> None:
    program = world.program(outsider)
    for address in calls(secret):
        body = program.client.get(f"/api/v1{address}").content.decode()
        assert WORD not in body, address


def test_what_is_private_answers_like_what_never_was(world: World, secret: Incident, outsider: User) -> None:
    program, browser = world.program(outsider), world.browser(outsider)
    never = f"INC-{secret.number + 1000}"
    for path in ("", "/timeline", "/notes", "/updates", "/roles", "/pages", "/admissions"):
        hidden = program.get(f"/incidents/{secret.reference}{path}")
        absent = program.get(f"/incidents/{never}{path}")
        assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content) == (404, absent.content)
    for verb in ("acknowledge", "resolve", "notes", "updates", "roles", "severity", "escalate"):
        assert program.post(f"/incidents/{secret.reference}/{verb}").status_code == 404
    for path in ("move/resolve/", "say/", "roles/", "visibility/", "admission/", "escalate/", "form/details/"):
        assert browser.post(f"/incidents/{secret.reference}/{path}").status_code == 404


def test_those_inside_and_administrators_see_it(world: World, secret: Incident, insider: User) -> None:
    for person in (insider, world.admin):
        assert WORD in world.browser(person).get(f"/incidents/{secret.reference}/").content.decode()
        assert WORD in world.browser(person).get("/incidents/", {"q": WORD}).content.decode()
        assert WORD in world.program(person).get(f"/incidents/{secret.reference}").content.decode()


def test_a_private_incident_is_not_hinted_at_by_the_number_of_findings(
    world: World, secret: Incident, outsider: User
) -> None:
    assert list(queries.search(outsider, WORD)) == []
    assert queries.search(outsider, "").count() == 0


def test_an_administrator_who_is_deactivated_sees_nothing_private(world: World, secret: Incident) -> None:
    world.admin.is_active = False
    assert not Incident.objects.visible_to(world.admin).exists()
