"""Objectives: promised, judged by incidents, told on the service's page."""

from datetime import timedelta

import pytest

from incidents import actions as incidents
from reliability.models import Objective
from tests.world import World


def promise(world: World, client, service, **values):
    return client.post(
        "/reliability/new/",
        {"service": service.pk, "name": "Availability", "percent": "99.9", "window_days": 30, **values},
    )


def test_a_manager_promises_an_availability_and_sees_what_incidents_spent_of_it(world: World) -> None:
    service = world.service("Payments")
    client = world.browser(world.person("Mo Manager", role="manager"))
    assert promise(world, client, service).status_code == 302
    incident = incidents.declare(
        title="Cards fail", severity=world.severity("SEV1"), service=service, actor=world.admin, at=world.now
    )
    world.advance(minutes=20)
    incidents.mitigate(incident, actor=world.admin, at=world.now)
    page = client.get("/reliability/").content.decode()
    assert "20 min of 43 min spent" in page
    assert "Cards fail" in page


def test_drills_and_small_severities_spend_nothing(world: World) -> None:
    service = world.service("Payments")
    Objective.objects.create(service=service, percent="99.9", created_at=world.now)
    for code, drill in (("SEV3", False), ("SEV1", True)):
        incidents.declare(
            title="Rehearsal",
            severity=world.severity(code),
            service=service,
            actor=world.admin,
            at=world.now,
            drill=drill,
        )
    world.advance(minutes=30)
    answer = world.program().get("/objectives/").json()["results"][0]
    assert answer["budget"]["spent_seconds"] == 0
    assert answer["budget"]["verdict"] == "kept"


def test_a_private_incident_counts_but_is_not_named_to_others(world: World) -> None:
    service = world.service("Payments")
    Objective.objects.create(service=service, percent="99.9", created_at=world.now)
    incidents.declare(
        title="zebra quartz leak",
        severity=world.severity("SEV1"),
        service=service,
        actor=world.admin,
        at=world.now,
        private=True,
    )
    world.advance(minutes=60)
    page = world.browser(world.person("Ola Outside")).get("/reliability/").content.decode()
    assert "zebra" not in page
    assert "1 private incident" in page
    assert "Budget exhausted" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("percent", "100"),
        ("percent", "12"),
        ("percent", "lots"),
        ("window_days", "0"),
        ("window_days", "99999"),
        ("name", ""),
    ],
)
def test_an_impossible_promise_is_declined_at_its_field_and_nothing_typed_is_lost(
    world: World, field: str, value: str
) -> None:
    client = world.browser(world.person("Mo Manager", role="manager"))
    answer = promise(world, client, world.service("Payments"), **{field: value})
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert Objective.objects.count() == 0


def test_the_same_promise_twice_is_a_sentence(world: World) -> None:
    client = world.browser(world.admin)
    service = world.service("Payments")
    promise(world, client, service)
    answer = promise(world, client, service)
    assert answer.status_code == 422
    assert Objective.objects.count() == 1


def test_a_responder_cannot_promise_for_others(world: World) -> None:
    assert promise(world, world.browser(world.person("Rae Responder")), world.service("Payments")).status_code == 403


def test_a_promise_is_changed_and_taken_back(world: World) -> None:
    client = world.browser(world.admin)
    service = world.service("Payments")
    row = Objective.objects.create(service=service, percent="99.9", created_at=world.now)
    assert client.get(f"/reliability/{row.pk}/edit/").status_code == 200
    client.post(
        f"/reliability/{row.pk}/edit/",
        {"service": service.pk, "name": "Availability", "percent": "99.5", "window_days": 7},
    )
    row.refresh_from_db()
    assert (float(row.percent), row.window_days) == (99.5, 7)
    assert client.get(f"/reliability/{row.pk}/remove/").status_code == 405
    client.post(f"/reliability/{row.pk}/remove/")
    assert Objective.objects.count() == 0


def test_a_service_shows_its_own_promises(world: World) -> None:
    service = world.service("Payments")
    Objective.objects.create(service=service, percent="99.9", created_at=world.now)
    page = world.browser(world.admin).get("/reliability/of/payments/").content.decode()
    assert "99.9 %" in page


def test_programs_promise_change_and_take_back(world: World) -> None:
    program = world.program()
    service = world.service("Payments")
    made = program.post("/objectives/", {"service": service.pk, "percent": "99.9"})
    assert made.status_code == 201, made.content
    address = f"/objectives/{made.json()['id']}/"
    assert program.patch(address, {"percent": "99.95"}).json()["percent"] == "99.9500"
    assert program.post("/objectives/", {"service": service.pk, "percent": "101"}).status_code == 400
    assert program.post("/objectives/", {"service": service.pk, "percent": "99"}).status_code in {400, 409}
    assert program.delete(address).status_code == 204


def test_harms_that_overlap_count_once() -> None:
    from datetime import UTC, datetime

    from reliability.budget import Harm, Verdict, judge

    at = datetime(2026, 1, 31, tzinfo=UTC)
    hour = timedelta(hours=1)
    twice = [
        Harm(at - 3 * hour, at - hour),
        Harm(at - 2 * hour, at - hour),
        Harm(at - 60 * 24 * hour, at - 59 * 24 * hour),
    ]
    judged = judge(twice, percent=99.0, window=timedelta(days=30), at=at)
    assert judged.spent == 2 * hour
    assert judged.verdict is Verdict.BURNING
    still = judge([Harm(at - 10 * hour, None)], percent=99.0, window=timedelta(days=30), at=at)
    assert still.verdict is Verdict.EXHAUSTED
    assert still.left < timedelta(0)
