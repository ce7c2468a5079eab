"""Escalation policies and what pages for services, for programs."""

from typing import Any

import pytest

from oncall import queries
from oncall.models import EscalationPolicy
from tests.oncall.making import schedule
from tests.world import World


def test_a_program_makes_a_policy_and_reads_it_back(world: World) -> None:
    ann, ben = world.person("Ann Doe"), world.person("Ben Doe")
    team, plan = world.team("Platform", ann, ben), schedule(world, ann)
    program = world.program()
    steps = [
        {"wait_seconds": 5, "targets": [{"kind": "schedule", "schedule": plan.pk, "duty": "primary"}]},
        {"wait_seconds": 0, "targets": [{"kind": "person", "person": ben.pk}, {"kind": "team", "team": team.pk}]},
    ]
    made = program.post(
        "/escalation-policies/", {"name": "Night", "steps": steps, "repeat_times": 2, "fallback": ben.email}
    )
    assert made.status_code == 201, made.content
    told = program.get(f"/escalation-policies/{made.json()['id']}/").json()
    assert (told["repeat_times"], told["fallback"]) == (2, ben.pk)
    assert [step["wait_seconds"] for step in told["steps"]] == [5, 0]
    assert told["steps"][0]["targets"] == [
        {"kind": "schedule", "id": plan.pk, "schedule": plan.pk, "duty": "primary", "name": "Primary of Payments"}
    ]
    again = program.patch(f"/escalation-policies/{told['id']}/", {"steps": told["steps"]})
    assert again.json()["steps"] == told["steps"]


def test_other_ways_of_naming_a_target_are_understood(world: World) -> None:
    ann = world.person("Ann Doe")
    team, plan = world.team("Platform", ann), schedule(world, ann)
    targets = [
        {"kind": "user", "id": ann.pk},
        {"type": "person", "user": ann.email},
        {"team": team.slug},
        {"type": "schedule", "id": plan.slug, "duty": "secondary"},
    ]
    made = world.program().post("/escalation-policies/", {"name": "N", "steps": [{"targets": targets}]})
    assert made.status_code == 201, made.content
    kinds = [target["kind"] for target in made.json()["steps"][0]["targets"]]
    assert kinds == ["person", "person", "team", "schedule"]
    assert made.json()["steps"][0]["wait_seconds"] == 300


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ({"wait_seconds": -1, "targets": [{"kind": "person", "person": "ada.admin@example.com"}]}, "wait_seconds"),
        ({"wait_seconds": 1.5, "targets": [{"kind": "person", "person": "ada.admin@example.com"}]}, "wait_seconds"),
        ({"wait_seconds": 10**12, "targets": [{"kind": "person", "person": "ada.admin@example.com"}]}, "wait_seconds"),
        ({"wait_seconds": 5, "targets": []}, "targets"),
        ({"wait_seconds": 5}, "targets"),
        ({"targets": ["ada"]}, "Give an object"),
        ({"targets": [{"kind": "robot", "id": 1}]}, "“robot” is no kind"),
        ({"targets": [{"kind": "person"}]}, "names it"),
        ({"targets": [{"kind": "person", "person": 999}]}, "999"),
        ({"targets": [{"kind": "team", "team": "nobody"}]}, "no team called “nobody”"),
        ({"targets": [{"kind": "schedule", "schedule": 999}]}, "no schedule called “999”"),
        ({"targets": [{"kind": "schedule", "schedule": True}]}, "id"),
        ({"targets": [{"kind": "person", "person": 1, "loud": True}]}, "“loud” is unknown"),
        ({"targets": [{"person": 1, "team": 1}]}, "has a kind"),
        ({"targets": [{"kind": "person", "person": "ada.admin@example.com", "duty": "third"}]}, "duty"),
    ],
)
def test_what_is_wrong_with_a_step_is_said_and_nothing_is_made(
    world: World, step: dict[str, Any], sentence: str
) -> None:
    answer = world.program().post("/escalation-policies/", {"name": "Night", "steps": [step]})
    assert answer.status_code == 400, answer.content
    assert sentence in answer.json()["detail"]
    assert not EscalationPolicy.objects.exists()


def test_a_policy_that_pages_for_a_service_is_not_deleted(world: World) -> None:
    program = world.program()
    policy = program.post("/escalation-policies/", {"name": "Night"}).json()
    service = program.post("/services/", {"name": "Payments API", "escalation_policy": policy["id"]})
    assert service.status_code == 201, service.content
    assert service.json()["escalation_policy"] == policy["id"]
    refused = program.delete(f"/escalation-policies/{policy['id']}")
    assert refused.status_code == 409
    assert "“Payments API”" in refused.json()["detail"]


def test_a_service_tells_who_would_be_called_and_takes_another_policy_or_none(world: World) -> None:
    ann = world.person("Ann Doe")
    program = world.program()
    empty = schedule(world, name="Empty")
    steps = [{"targets": [{"schedule": empty.pk}]}, {"targets": [{"person": ann.pk}]}]
    policy = program.post("/escalation-policies/", {"name": "Night", "steps": steps}).json()
    world.service("Checkout")
    told = program.patch("/services/checkout/", {"escalation_policy": "night"}).json()
    assert told["escalation_policy"] == policy["id"]
    assert told["on_call"] == [{"id": ann.pk, "name": "Ann Doe", "email": ann.email}]
    listed = program.get("/services/").json()["results"]
    assert [row["on_call"][0]["id"] for row in listed] == [ann.pk]
    assert program.patch("/services/checkout/", {"tier": 1}).json()["escalation_policy"] == policy["id"]
    none = program.patch("/services/checkout/", {"escalation_policy": None}).json()
    assert (none["escalation_policy"], none["on_call"]) == (None, [])
    wrong = program.patch("/services/checkout/", {"escalation_policy": 999})
    assert (wrong.status_code, "999" in wrong.json()["detail"]) == (400, True)


def test_a_hundred_services_cost_no_more_queries_than_two(world: World, django_assert_max_num_queries: Any) -> None:
    ann = world.person("Ann Doe")
    program = world.program()
    for number in range(12):
        plan = schedule(world, ann, name=f"Plan {number}")
        steps = [{"targets": [{"schedule": plan.pk}]}]
        policy = program.post("/escalation-policies/", {"name": f"Policy {number}", "steps": steps}).json()
        program.post("/services/", {"name": f"Service {number}", "escalation_policy": policy["id"]})
    with django_assert_max_num_queries(20):
        assert len(program.get("/services/").json()["results"]) == 12


# Whom a plan means


def test_only_active_people_are_called_and_each_once(world: World) -> None:
    ann, ben = world.person("Ann Doe"), world.person("Ben Doe")
    team, plan = world.team("Platform", ann, ben), schedule(world, ann)
    targets = [
        {"kind": "schedule", "id": plan.pk, "duty": "primary", "name": ""},
        {"kind": "team", "id": team.pk, "duty": "", "name": ""},
        {"kind": "person", "id": ben.pk, "duty": "", "name": ""},
        {"kind": "schedule", "id": 987, "duty": "primary", "name": "deleted since"},
    ]
    world.traveller.move_to("2026-01-06T12:00:00Z")
    called = queries.called_by(targets, at=world.now)
    assert [(each.person.name, each.reason) for each in called] == [
        ("Ann Doe", "primary on call of Payments"), ("Ben Doe", "everyone in Platform"),
    ]  # fmt: skip
    type(ann).objects.filter(pk=ann.pk).update(is_active=False)
    assert [each.person.name for each in queries.called_by(targets, at=world.now)] == ["Ben Doe"]
    assert queries.called_by(targets[:1], at=world.now) == []


def test_without_an_active_fallback_person_the_administrators_are_called(world: World) -> None:
    ann = world.person("Ann Doe", is_active=False)
    plan = {"name": "Night"}
    for person in (None, ann.pk, 999):
        called = queries.called_last(plan, person)
        assert [(each.person, each.reason) for each in called] == [(world.admin, "final fallback of Night")]
