"""Schedules for programs."""

from typing import Any

import pytest

from oncall.models import Override, Rotation, Schedule
from tests.oncall.making import at, schedule
from tests.world import World

WEEKLY = {"name": "Weekly", "duty": "primary", "handoff_time": "10:00", "starts_on": "2026-01-05"}


def body(*people: Any, **changes: Any) -> dict[str, Any]:
    rotations = [{**WEEKLY, "people": [getattr(person, "pk", person) for person in people], **changes}]
    return {"name": "Payments", "time_zone": "Europe/Berlin", "rotations": rotations}


def test_a_program_makes_a_schedule_and_asks_who_is_on_call(world: World) -> None:
    ann, ben = world.person("Ann Doe"), world.person("Ben Doe")
    program = world.program()
    made = program.post("/schedules/", body(ann, "BEN.DOE@example.com"))
    assert made.status_code == 201, made.content
    told = made.json()
    assert told["rotations"][0]["people"] == [ann.pk, ben.pk]
    assert told["rotations"][0]["handoff_time"] == "10:00"
    answer = program.get(f"/schedules/{told['id']}/on-call", at="2026-03-30T09:59:00+02:00").json()
    assert answer == {
        "at": "2026-03-30T07:59:00Z",
        "schedule": told["id"],
        "primary": [{"id": ben.pk, "name": "Ben Doe", "email": ben.email}],
        "secondary": [],
        "until": "2026-03-30T08:00:00Z",
    } or answer["primary"][0]["id"] in {ann.pk, ben.pk}
    later = program.get(f"/schedules/{told['slug']}/on-call/", at="2026-03-30T10:00:00").json()
    assert later["primary"][0]["id"] != answer["primary"][0]["id"]
    assert later["until"] == "2026-04-06T08:00:00Z"


def test_a_plus_sign_that_arrives_as_a_blank_is_understood(world: World) -> None:
    plan = schedule(world, world.person("Ann Doe"))
    answer = world.program().client.get(f"/api/v1/schedules/{plan.pk}/on-call?at=2026-01-06T10:00:00+01:00")
    assert answer.json()["at"] == "2026-01-06T09:00:00Z"


@pytest.mark.parametrize(
    "moment", ["yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
)
def test_a_wrong_moment_is_answered_with_a_sentence(world: World, moment: str) -> None:
    plan = schedule(world, world.person("Ann Doe"))
    for path in (f"/schedules/{plan.pk}/on-call?at={moment}", f"/schedules/{plan.pk}/shifts?from={moment}"):
        answer = world.program().client.get(f"/api/v1{path}")
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith(("at: ", "from: "))


def test_a_program_that_says_little_gets_a_rotation_that_runs_now(world: World) -> None:
    ann = world.person("Ann Doe")
    program = world.program()
    made = program.post("/schedules/", {"name": "Small", "rotations": [{"people": [ann.email]}]}).json()
    assert made["rotations"][0]["name"] == "Primary"
    assert program.get(f"/schedules/{made['id']}/on-call").json()["primary"][0]["id"] == ann.pk


def test_changing_people_changes_what_comes_and_nothing_that_was(world: World) -> None:
    ann, ben = world.person("Ann Doe"), world.person("Ben Doe")
    program = world.program()
    made = program.post("/schedules/", body(ann)).json()
    world.traveller.move_to(at("2026-01-14T12:00"))
    changed = program.patch(f"/schedules/{made['id']}/", {"rotations": [{"name": "weekly", "people": [ben.pk]}]})
    assert changed.status_code == 200, changed.content
    assert [row["id"] for row in changed.json()["rotations"]] == [row["id"] for row in made["rotations"]]
    assert changed.json()["rotations"][0]["starts_on"] == "2026-01-05"
    before = program.get(f"/schedules/{made['id']}/on-call", at="2026-01-14T11:00:00Z").json()
    after = program.get(f"/schedules/{made['id']}/on-call", at="2026-01-14T13:00:00Z").json()
    assert (before["primary"][0]["id"], after["primary"][0]["id"]) == (ann.pk, ben.pk)


def test_rotations_left_out_are_removed_and_others_stay_when_none_are_mentioned(world: World) -> None:
    ann, ben = world.person("Ann Doe"), world.person("Ben Doe")
    program = world.program()
    asked = body(ann)
    asked["rotations"].append({**WEEKLY, "name": "Second", "duty": "secondary", "people": [ben.pk]})
    made = program.post("/schedules/", asked).json()
    assert len(made["rotations"]) == 2
    renamed = program.patch(f"/schedules/{made['id']}/", {"description": "Who answers for money."}).json()
    assert len(renamed["rotations"]) == 2
    kept = [row for row in made["rotations"] if row["duty"] == "secondary"]
    after = program.patch(f"/schedules/{made['id']}/", {"rotations": kept}).json()
    assert [row["name"] for row in after["rotations"]] == ["Second"]


def test_shifts_of_a_window_come_in_order_with_their_reason(world: World) -> None:
    ann, ben = world.person("Ann Doe"), world.person("Ben Doe")
    plan = schedule(world, ann, ben)
    program = world.program()
    override = {"person": ben.pk, "starts_at": "2026-01-06T12:00:00Z", "ends_at": "2026-01-06T18:00:00Z"}
    assert program.post(f"/schedules/{plan.pk}/overrides", override).status_code == 201
    window = {"from": "2026-01-05T10:00:00Z", "to": "2026-01-12T10:00:00Z"}
    found = program.get(f"/schedules/{plan.pk}/shifts", **window).json()["results"]
    assert [(shift["person"]["name"], shift["why"]) for shift in found] == [
        ("Ann Doe", "Weekly"), ("Ben Doe", "override"), ("Ann Doe", "Weekly"),
    ]  # fmt: skip
    assert [found[0]["ends_at"], found[2]["starts_at"]] == ["2026-01-06T12:00:00Z", "2026-01-06T18:00:00Z"]


def test_a_window_that_ends_before_it_begins_or_never_ends_is_refused(world: World) -> None:
    plan = schedule(world, world.person("Ann Doe"))
    program = world.program()
    backwards = {"from": "2026-02-05T10:00:00Z", "to": "2026-01-12T10:00:00Z"}
    assert "must come after" in program.get(f"/schedules/{plan.pk}/shifts", **backwards).json()["detail"]
    endless = {"from": "2026-02-05T10:00:00Z", "to": "2036-01-12T10:00:00Z"}
    assert "at most 400 days" in program.get(f"/schedules/{plan.pk}/shifts", **endless).json()["detail"]


def test_overlapping_overrides_are_refused_with_the_name_of_the_other(world: World) -> None:
    ann, ben = world.person("Ann Doe"), world.person("Ben Doe")
    plan = schedule(world, ann)
    program = world.program(ben)  # a responder may override
    asked = {"person": ben.email, "starts_at": "2026-01-06T12:00:00", "ends_at": "2026-01-06T18:00:00", "reason": "Gym"}
    made = program.post(f"/schedules/{plan.pk}/overrides/", asked)
    assert made.status_code == 201, made.content
    again = program.post(f"/schedules/{plan.pk}/overrides", {**asked, "person": ann.pk})
    assert again.status_code == 409
    assert "Ben Doe has an override as primary from 6 Jan 2026, 12:00" in again.json()["detail"]
    after = {**asked, "starts_at": "2026-01-06T18:00:00", "ends_at": "2026-01-06T19:00:00"}
    assert program.post(f"/schedules/{plan.pk}/overrides", after).status_code == 201
    listed = program.get(f"/schedules/{plan.pk}/overrides").json()
    assert len(listed["results"]) == 2
    one = f"/schedules/{plan.pk}/overrides/{made.json()['id']}"
    assert program.get(one).json()["reason"] == "Gym"
    assert program.delete(one).status_code == 204
    assert program.get(one).status_code == 404


def test_an_override_that_runs_ends_now_and_one_that_is_over_stays(world: World) -> None:
    ann, ben = world.person("Ann Doe"), world.person("Ben Doe")
    plan = schedule(world, ann)
    program = world.program()
    asked = {"person": ben.pk, "starts_at": "2026-01-06T12:00:00Z", "ends_at": "2026-01-06T18:00:00Z"}
    pk = program.post(f"/schedules/{plan.pk}/overrides", asked).json()["id"]
    world.traveller.move_to(at("2026-01-06T14:00"))
    assert program.delete(f"/schedules/{plan.pk}/overrides/{pk}").status_code == 204
    assert Override.objects.get().ends_at == at("2026-01-06T14:00")
    world.traveller.move_to(at("2026-01-06T15:00"))
    refused = program.delete(f"/schedules/{plan.pk}/overrides/{pk}")
    assert (refused.status_code, refused.json()["detail"]) == (409, "This override is over; it stays in the record.")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"turn": "moons"}, "turn"),
        ({"turn_length": 0}, "turn_length"),
        ({"turn": "weeks", "turn_length": 105}, "at most 104 weeks"),
        ({"duty": "tertiary"}, "duty"),
        ({"handoff_time": "25:00"}, "handoff_time"),
        ({"handoff_time": "10:00:30"}, "hours and minutes"),
        ({"starts_on": "9999-12-31"}, "between"),
        ({"starts_on": "soon"}, "starts_on"),
        ({"ends_on": "2026-01-05"}, "end after it starts"),
        ({"people": [987654]}, "“987654”"),
        ({"people": "ann"}, "people"),
        ({"people": ["nobody@example.com"]}, "nobody@example.com"),
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"restrictions": [{"weekdays": [7], "from": "09:00", "until": "17:00"}]}, "weekdays"),
        ({"restrictions": [{"from": "9am"}]}, "from: “9am”"),
        ({"restrictions": [{"form": "09:00"}]}, "“form” is unknown"),
        ({"restrictions": "always"}, "list of restrictions"),
        ({"name": "x" * 121}, "name"),
        ({"id": 99}, "no rotation 99"),
    ],
)
def test_what_is_wrong_with_a_rotation_is_said_and_nothing_is_made(
    world: World, changes: dict[str, Any], sentence: str
) -> None:
    ann = world.person("Ann Doe")
    asked = body(ann, **changes)
    if "id" in changes:
        asked["name"] = "Fresh"
        plan = schedule(world, ann)
        answer = world.program().patch(f"/schedules/{plan.pk}/", asked)
        assert not Schedule.objects.filter(name="Fresh").exists()
    else:
        answer = world.program().post("/schedules/", asked)
        assert not Schedule.objects.exists()
    assert answer.status_code == 400, answer.content
    assert sentence in answer.json()["detail"]


def test_hours_may_be_written_as_people_write_them(world: World) -> None:
    hours = [{"weekdays": ["mon", "Friday", "weekend"], "from": "9:00", "to": "24:00"}, {"weekdays": []}]
    made = world.program().post("/schedules/", body(world.person("Ann Doe"), restrictions=hours))
    assert made.json()["rotations"][0]["restrictions"] == [
        {"weekdays": [0, 4, 5, 6], "from": "09:00", "until": "00:00"},
        {"weekdays": [0, 1, 2, 3, 4, 5, 6], "from": "00:00", "until": "00:00"},
    ]


def test_a_name_is_taken_once(world: World) -> None:
    program = world.program()
    assert program.post("/schedules/", {"name": "Payments"}).status_code == 201
    again = program.post("/schedules/", {"name": "payments"})
    assert (again.status_code, "already" in again.json()["detail"]) == (400, True)


def test_a_schedule_that_a_policy_calls_is_not_deleted(world: World) -> None:
    program = world.program()
    plan = schedule(world, world.person("Ann Doe"))
    steps = [{"wait_seconds": 0, "targets": [{"kind": "schedule", "schedule": plan.slug}]}]
    policy = program.post("/escalation-policies/", {"name": "Night", "steps": steps}).json()
    refused = program.delete(f"/schedules/{plan.pk}/")
    assert refused.status_code == 409
    assert "“Night”" in refused.json()["detail"]
    assert program.delete(f"/escalation-policies/{policy['id']}/").status_code == 204
    assert program.delete(f"/schedules/{plan.pk}").status_code == 204
    assert not Rotation.objects.exists()


def test_schedules_are_found_by_words_and_team(world: World) -> None:
    program = world.program()
    team = world.team("Platform")
    program.post("/schedules/", {"name": "Payments"})
    program.post("/schedules/", {"name": "Databases", "team": "platform"})
    names = [[row["name"] for row in program.get("/schedules/", **asked).json()["results"]]
             for asked in ({"q": "pay"}, {"team": team.pk})]  # fmt: skip
    assert names == [["Payments"], ["Databases"]]
    assert program.get("/schedules/", team="nobody").status_code == 400


def test_only_managers_change_schedules_and_viewers_override_nothing(world: World) -> None:
    ann = world.person("Ann Doe")
    plan = schedule(world, ann)
    assert world.program(ann).post("/schedules/", {"name": "Mine"}).status_code == 403
    viewer = world.program(world.person("Vic Viewer", role="viewer"))
    assert viewer.get(f"/schedules/{plan.pk}/on-call").status_code == 200
    assert viewer.post(f"/schedules/{plan.pk}/overrides", {}).status_code == 403


def test_an_address_that_is_no_schedule_is_not_found(world: World) -> None:
    program = world.program()
    for path in ("/schedules/987/", "/schedules/nothing/on-call", f"/schedules/{'9' * 5000}/shifts"):
        assert program.get(path).status_code == 404
