"""Several details changed at once stand together or not at all, and nothing is read outside that is private."""

import secrets
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from incidents import actions
from incidents.models import Incident, Kind, TimelineEvent
from tests.incidents.waiting import until_somebody_waits_for
from tests.world import World

WORD = "zq" + secrets.token_hex(6)
SECRET = {"title": f"Secret {WORD}", "summary": f"summary {WORD}", "private": True}


@pytest.fixture
def ivy(world: World) -> User:
    return world.person("Ivy Inside")


@pytest.fixture
def fire(world: World, ivy: User) -> Incident:
    return actions.declare(title="Fire", severity=world.severity("SEV2"), service=None, actor=ivy, at=world.now)


def kinds(incident: Incident) -> list[str]:
    rows = TimelineEvent.objects.filter(incident=incident).exclude(kind=Kind.DECLARED).order_by("seq")
    return list(rows.values_list("kind", flat=True))


def no_line_can_be_written_of(kind: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            f"ALTER TABLE incidents_timelineevent ADD CONSTRAINT no_such_line CHECK (kind <> '{kind}') NOT VALID"
        )


def test_a_program_s_change_becomes_private_before_its_words_are_told(world: World, fire: Incident, ivy: User) -> None:
    answer = world.program(ivy).patch(f"/incidents/{fire.reference}", SECRET)
    assert (answer.status_code, answer.json()["title"]) == (200, SECRET["title"])
    assert kinds(fire) == [Kind.VISIBILITY, Kind.RENAMED, Kind.DESCRIBED]


def test_it_is_opened_after_its_words_are_changed(world: World, fire: Incident, ivy: User) -> None:
    actions.set_visibility(fire, private=True, actor=ivy, at=world.now)
    answer = world.program(ivy).patch(f"/incidents/{fire.reference}", {"title": "Harmless", "private": False})
    assert answer.json()["private"] is False
    assert kinds(fire)[1:] == [Kind.RENAMED, Kind.VISIBILITY]


def test_a_program_s_change_that_breaks_on_its_way_leaves_nothing(world: World, fire: Incident, ivy: User) -> None:
    no_line_can_be_written_of(Kind.DESCRIBED)
    assert world.program(ivy).patch(f"/incidents/{fire.reference}", SECRET).status_code == 409
    fire.refresh_from_db()
    assert (fire.title, fire.private, kinds(fire)) == ("Fire", False, [])


def test_the_form_of_details_that_breaks_on_its_way_leaves_nothing(world: World, fire: Incident, ivy: User) -> None:
    no_line_can_be_written_of(Kind.DESCRIBED)
    browser = world.browser(ivy)
    typed = {"title": "Flood", "severity": world.severity("SEV1").pk, "service": "", "summary": "Water"}
    with pytest.raises(IntegrityError), transaction.atomic():
        browser.post(f"/incidents/{fire.reference}/form/details/", typed)
    fire.refresh_from_db()
    assert (fire.title, fire.severity.code, kinds(fire)) == ("Fire", "SEV2", [])


def test_the_form_of_details_changes_all_that_was_typed(world: World, fire: Incident, ivy: User) -> None:
    typed = {"title": "Flood", "severity": world.severity("SEV1").pk, "service": "", "summary": "Water"}
    assert world.browser(ivy).post(f"/incidents/{fire.reference}/form/details/", typed).status_code == 302
    fire.refresh_from_db()
    assert (fire.title, fire.severity.code, fire.summary) == ("Flood", "SEV1", "Water")


def test_who_acts_while_it_is_closed_to_them_is_not_answered_with_its_words(committed_world: World) -> None:
    world = committed_world
    ivy, otto = world.person("Ivy Inside"), world.program(world.person("Otto Outside"))
    fire = actions.declare(title="Fire", severity=world.severity("SEV2"), service=None, actor=ivy, at=world.now)
    held = threading.Event()

    def close() -> None:
        try:
            with transaction.atomic():
                actions.change(fire, SECRET, actor=ivy, at=timezone.now())
                held.set()
                until_somebody_waits_for("incidents_incident")
        finally:
            connection.close()

    closing = threading.Thread(target=close)
    closing.start()
    held.wait(10)
    answer = otto.post(f"/incidents/{fire.reference}/acknowledge")
    closing.join(10)
    assert answer.status_code == 404
    assert WORD not in answer.content.decode()


def test_who_leaves_a_private_incident_is_led_to_the_list(world: World, fire: Incident, ivy: User) -> None:
    cleo = world.person("Cleo Diaz")
    actions.set_visibility(fire, private=True, actor=ivy, at=world.now)
    actions.admit(fire, cleo, actor=ivy, at=world.now)
    answer = world.browser(cleo).post(f"/incidents/{fire.reference}/admission/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/incidents/")
