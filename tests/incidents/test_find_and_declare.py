"""Declaring in three inputs, and finding incidents again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from incidents import actions
from incidents.models import Incident, Role
from tests.world import World


@pytest.fixture
def ben(world: World) -> User:
    return world.person("Ben Ortiz")


def declared(world: World, title: str, **more: object) -> Incident:
    fields = {"severity": world.severity("SEV3"), "service": None, "actor": world.admin, "at": world.now}
    return actions.declare(title=title, **{**fields, **more})


def titles(world: World, person: User, **asked: str) -> list[str]:
    page = world.browser(person).get("/incidents/", asked)
    assert page.status_code == 200
    return [incident.title for incident in page.context["incidents"]]


def test_three_inputs_declare_an_incident_and_lead_into_its_room(world: World, ben: User) -> None:
    payments = world.service("Payments")
    data = {"title": "Cards fail", "severity": world.severity("SEV1").pk, "service": payments.pk}
    answer = world.browser(ben).post("/incidents/declare/", data)
    incident = Incident.objects.get()
    assert answer["Location"] == f"/incidents/{incident.reference}/"
    assert (incident.service, incident.declared_by, incident.private, incident.drill) == (payments, ben, False, False)


def test_a_private_drill_is_declared_with_two_switches(world: World, ben: User) -> None:
    data = {"title": "Leak", "severity": world.severity("SEV1").pk, "private": "on", "drill": "on"}
    world.browser(ben).post("/incidents/declare/", data)
    assert (Incident.objects.get().private, Incident.objects.get().drill) == (True, True)


def test_a_wrong_declaration_is_told_at_the_fields_and_keeps_what_was_typed(world: World, ben: User) -> None:
    answer = world.browser(ben).post("/incidents/declare/", {"title": "", "severity": "x", "service": "999999999999"})
    assert answer.status_code == 422
    assert "Say in a few words" in answer.content.decode()
    answer = world.browser(ben).post("/incidents/declare/", {"title": "Cards fail"})
    assert answer.status_code == 422
    assert 'value="Cards fail"' in answer.content.decode()
    assert "Choose how bad" in answer.content.decode()
    answer = world.browser(ben).post("/incidents/declare/", {"title": "x" * 201, "severity": "1"})
    assert answer.status_code == 422


def test_the_form_is_filled_from_the_address(world: World, ben: User) -> None:
    world.service("Payments")
    query = {"title": "Slow", "severity": "sev2", "service": "payments", "drill": "yes"}
    page = world.browser(ben).get("/incidents/declare/", query).content.decode()
    assert 'value="Slow"' in page
    assert f'value="{world.severity("SEV2").pk}" checked' in page
    assert world.browser(ben).get("/incidents/declare/", {"severity": "?", "service": "x" * 999}).status_code == 200


def test_a_viewer_cannot_declare(world: World) -> None:
    viewer = world.browser(world.person("Vera View", role="viewer"))
    assert viewer.get("/incidents/declare/").status_code == 403
    assert viewer.post("/incidents/declare/", {"title": "x"}).status_code == 403


def test_who_types_a_title_sees_open_incidents_like_it(world: World, ben: User) -> None:
    declared(world, "Checkout fails for cards")
    declared(world, "Checkout secret", private=True)
    found = world.browser(ben).get("/incidents/similar/", {"title": "cards at CHECKOUT"}).content.decode()
    assert "Checkout fails for cards" in found
    assert "secret" not in found
    assert "Checkout" not in world.browser(ben).get("/incidents/similar/", {"title": "a b"}).content.decode()


def test_the_list_shows_open_ones_first_and_mine_and_all(world: World, ben: User) -> None:
    declared(world, "one")
    mine = declared(world, "two", actor=ben)
    held = declared(world, "three")
    actions.take_role(held, Role.SCRIBE, person=ben, actor=ben, at=world.now)
    actions.resolve(mine, actor=ben, at=world.now)
    assert titles(world, ben) == ["three", "one"]
    assert titles(world, ben, show="mine") == ["three", "two"]
    assert titles(world, ben, show="all") == ["three", "two", "one"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"severity": "SEV1"}, ["red"]),
        ({"service": "payments"}, ["blue"]),
        ({"status": "triage"}, ["violet"]),
        ({"drill": "yes"}, ["green"]),
        ({"drill": "no"}, ["violet", "blue", "red"]),
        ({"status": "nonsense", "severity": "", "drill": "perhaps", "before": "x"}, ["green", "violet", "blue", "red"]),
        ({"severity": "SEV9"}, []),
    ],
)
def test_the_list_is_narrowed(world: World, ben: User, asked: dict[str, str], expected: list[str]) -> None:
    declared(world, "red", severity=world.severity("SEV1"))
    declared(world, "blue", service=world.service("Payments"))
    declared(world, "violet", origin=Incident.Origin.ALERT)
    declared(world, "green", drill=True)
    assert titles(world, ben, **asked) == expected


@pytest.mark.parametrize(
    "asked", ["check", "CHECKOUT fails", "fails checkout", "gateway", "rollback", "paym", "失败", "Kassen", "öffne"]
)
def test_a_search_finds_titles_summaries_services_and_notes(world: World, ben: User, asked: str) -> None:
    incident = declared(
        world,
        "Checkout fails 支付失败",
        summary="The gateway is down. Kassen geöffnet öffnen",
        service=world.service("Payments"),
    )
    actions.add_note(incident, "We try a rollback.", actor=ben, at=world.now)
    declared(world, "Something else")
    assert titles(world, ben, q=asked) == ["Checkout fails 支付失败"]


def test_a_search_finds_by_reference(world: World, ben: User) -> None:
    incident = declared(world, "Checkout fails")
    declared(world, "other")
    for asked in (incident.reference, incident.reference.lower(), str(incident.number), f"#{incident.number}"):
        assert "Checkout fails" in titles(world, ben, q=asked)


@pytest.mark.parametrize("asked", ["'", "\\", "a:*|b", "!!", "%", "_", "💥", "x" * 500, "& | !", "' or 1=1 --", "INC-"])
def test_a_search_for_anything_is_answered(world: World, ben: User, asked: str) -> None:
    declared(world, "Checkout fails")
    titles(world, ben, q=asked)


def test_resolved_incidents_are_found_by_a_search(world: World, ben: User) -> None:
    actions.resolve(declared(world, "Checkout fails"), actor=ben, at=world.now)
    assert titles(world, ben, q="checkout") == ["Checkout fails"]


def test_the_list_is_read_page_by_page_in_a_fixed_number_of_queries(world: World, ben: User) -> None:
    for number in range(35):
        declared(world, f"n{number}")
    browser = world.browser(ben)
    with CaptureQueriesContext(connection) as few:
        page = browser.get("/incidents/")
    assert len(few) <= 12
    assert len(page.context["incidents"]) == 30
    rest = browser.get("/incidents/", {"before": page.context["older_before"]})
    assert [one.title for one in rest.context["incidents"]] == ["n4", "n3", "n2", "n1", "n0"]


def test_the_panel_of_a_service_shows_its_incidents_alone(world: World, ben: User) -> None:
    payments = world.service("Payments")
    declared(world, "Cards fail", service=payments)
    declared(world, "Leak", service=payments, private=True)
    declared(world, "Other")
    panel = world.browser(ben).get("/incidents/of-service/payments/").content.decode()
    assert "Cards fail" in panel
    assert "Leak" not in panel
    assert "Other" not in panel
    assert world.browser(ben).get("/incidents/of-service/nowhere/").status_code == 404


def test_titles_are_searched_by_their_index_however_many_incidents_there_are(world: World, ben: User) -> None:
    declared(world, "Kafka lags")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # so few rows are read faster than any index
        cursor.execute("SET LOCAL enable_indexscan = off")
        plan = Incident.objects.filter(title__icontains="kafka lag").order_by().explain()
    assert "incident_title_trigrams" in plan
    assert titles(world, ben, q="KAFKA LAG") == ["Kafka lags"]
