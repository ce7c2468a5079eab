"""Rotations one by one, coverage and previews, for programs."""

from typing import Any

from oncall.models import Rotation
from tests.oncall.making import at, schedule
from tests.oncall.pages import text, trio
from tests.world import World

WEEKLY = {"name": "Night", "starts_on": "2026-01-05", "handoff_time": "10:00"}


def verified(person: Any, world: World) -> None:
    person.contact_methods.create(channel="email", address=person.email, verified_at=world.now)


def test_a_program_adds_reads_changes_and_ends_a_rotation(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan, program = schedule(world, ann), world.program()
    path = f"/schedules/{plan.slug}/rotations"
    made = program.post(f"{path}/", {**WEEKLY, "duty": "secondary", "people": [ben.email]})
    assert made.status_code == 201
    listed = program.get(f"{path}/").json()
    assert [listed["next"], listed["previous"]] == [None, None]
    assert {each["name"] for each in listed["results"]} == {"Weekly", "Night"}
    one = f"{path}/{made.json()['id']}/"
    assert program.get(one).json() == made.json()
    changed = program.patch(one, {"people": [ann.pk, ben.pk], "turn": "days"}).json()
    assert (changed["people"], changed["turn"], changed["name"]) == ([ann.pk, ben.pk], "days", "Night")
    assert changed["starts_on"] == "2026-01-05"
    put = program.client.put(f"/api/v1{one}", {**WEEKLY, "people": [ben.pk]}, content_type="application/json").json()
    assert (put["people"], put["turn"], put["duty"]) == ([ben.pk], "weeks", "primary")
    assert program.delete(one).status_code == 204
    assert program.get(one).status_code == 404
    assert {each["name"] for each in program.get(f"{path}/").json()["results"]} == {"Weekly"}


def test_a_wrong_rotation_is_answered_at_its_field_and_nothing_changes(world: World) -> None:
    ann, _ben, _cat = trio(world)
    plan, program = schedule(world, ann), world.program()
    path = f"/schedules/{plan.pk}/rotations/"
    for wrong in ({}, {"people": [[]]}, {"people": ["nobody"]}, {"people": [ann.pk], "turn": "moons"},
                  {"people": [ann.pk], "turn": "months", "turn_length": 25}):  # fmt: skip
        assert program.post(path, wrong).status_code == 400
    row = plan.rotations.get()
    assert program.patch(f"{path}{row.pk}/", {"ends_on": "2020-01-01"}).status_code == 400
    assert program.client.patch(f"/api/v1{path}{row.pk}/", "[1]", content_type="application/json").status_code == 400
    assert program.get(f"{path}999999/").status_code == 404
    assert Rotation.objects.count() == 1
    assert world.program(ann).post(path, {"people": [ann.pk]}).status_code == 403


def test_coverage_names_gaps_people_twice_leavers_and_who_cannot_be_reached(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann, cat, restrictions=[{"weekdays": [0, 1], "from": "00:00", "until": "00:00"}])
    program = world.program()
    verified(ben, world)
    program.post(f"/schedules/{plan.pk}/rotations/", {**WEEKLY, "duty": "secondary", "people": [ann.pk, ben.pk]})
    cat.is_active = False
    cat.save()
    window = {"from": "2026-01-05T10:00:00Z", "to": "2026-01-19T10:00:00Z"}
    told = program.get(f"/schedules/{plan.pk}/coverage/", **window).json()
    assert told["gaps"][0] == {
        "duty": "primary", "starts_at": "2026-01-07T00:00:00Z", "ends_at": "2026-01-12T00:00:00Z",
    }  # fmt: skip
    assert {each["person"]["id"] for each in told["twice"]} == {ann.pk}
    assert [each["person"]["id"] for each in told["leavers"]] == [cat.pk]
    assert [each["id"] for each in told["unreachable"]] == [ann.pk]
    page = text(world.browser(ben).get(plan.get_absolute_url()))
    assert "of their account alone: Ann Doe." in page
    wrong = program.get(f"/schedules/{plan.pk}/coverage/", to="2020-01-01")
    assert wrong.status_code == 400


def test_a_preview_shows_shifts_changes_gaps_and_hours_and_keeps_nothing(world: World) -> None:
    ann, ben, _cat = trio(world)
    plan, program = schedule(world, ann), world.program()
    world.traveller.move_to(at("2026-01-06T12:00"))
    asked = {"rotations": [{"name": "Weekly", "starts_on": "2026-01-05", "people": [ann.pk, ben.pk]}]}
    told = program.post(f"/schedules/{plan.pk}/preview/?to=2026-01-19T10:00:00Z", asked)
    assert told.status_code == 200
    body = told.json()
    assert body["changes"] == [
        {"duty": "primary", "starts_at": "2026-01-12T10:00:00Z", "ends_at": "2026-01-19T10:00:00Z",
         "before": [{"id": ann.pk, "name": "Ann Doe", "email": ann.email}],
         "after": [{"id": ben.pk, "name": "Ben Doe", "email": ben.email}]},
    ]  # fmt: skip
    assert {each["person"]["id"]: (each["before"], each["after"]) for each in body["hours"]} == {
        ann.pk: (310.0, 142.0), ben.pk: (0.0, 168.0),
    }  # fmt: skip
    assert body["gaps"] == []
    assert [member.person for member in plan.rotations.get().members.all()] == [ann]
    whole = program.post(f"/schedules/{plan.pk}/preview/", {"rotations": []}).json()
    assert whole["until"] == "2026-03-31T12:00:00Z"
    assert [(each["starts_at"], each["ends_at"]) for each in whole["gaps"]] == [(whole["since"], whole["until"])]
    assert program.post(f"/schedules/{plan.pk}/preview/", {"rotations": 5}).status_code == 400


def test_two_who_hold_a_turn_are_both_named_as_on_call(world: World) -> None:
    ann, ben, cat = trio(world)
    plan = schedule(world, ann, ben, cat, beside=frozenset({1}))
    told = world.program().get(f"/schedules/{plan.pk}/on-call/", at="2026-01-06T12:00:00Z").json()
    assert [each["id"] for each in told["primary"]] == [ann.pk, ben.pk]
    assert told["until"] == "2026-01-12T10:00:00Z"
    world.traveller.move_to(at("2026-01-06T12:00"))
    page = text(world.browser(cat).get(plan.get_absolute_url()))
    assert "Ann Doe, Ben Doe" in page
    assert "Ann Doe + Ben Doe → Cat Doe" in page
    assert "then Cat Doe" in page
