"""Incidents through the API: what a program may do, and what it is told."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from incidents import actions
from incidents.models import Incident, Kind, TimelineEvent
from tests.world import Program, World


@pytest.fixture
def ben(world: World) -> User:
    return world.person("Ben Ortiz")


@pytest.fixture
def api(world: World, ben: User) -> Program:
    return world.program(ben)


def declare(api: Program, **more: Any) -> Any:
    return api.post("/incidents/", {"title": "Checkout fails", "severity": "SEV2", **more})


def test_a_program_declares_an_incident(world: World, api: Program, ben: User) -> None:
    payments = world.service("Payments")
    body = {"service": "payments", "summary": "Cards.", "private": False, "drill": True}
    answer = declare(api, **body)
    assert answer.status_code == 201
    told = answer.json()
    assert told["reference"].startswith("INC-")
    assert (told["severity"], told["service"], told["status"]) == ("SEV2", payments.pk, "investigating")
    assert (told["drill"], told["private"], told["origin"], told["summary"]) == (True, False, "api", "Cards.")
    assert told["url"].endswith(f"/incidents/{told['reference']}/")
    assert told["declared_by"]["id"] == ben.pk
    assert told["commander"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": " \t "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": None}, "title"),
        ({"title": ["a"]}, "title"),
        ({"severity": "SEV9"}, "severity"),
        ({"severity": None}, "severity"),
        ({"severity": {}}, "severity"),
        ({"service": "nowhere"}, "service"),
        ({"service": 10**15}, "service"),
        ({"private": "perhaps"}, "private"),
        ({"summary": "x" * 20_001}, "summary"),
    ],
)
def test_a_wrong_declaration_is_told_at_its_field(api: Program, body: dict[str, Any], field: str) -> None:
    answer = declare(api, **body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert field in answer.json()["errors"]
    assert answer.json()["detail"]


@pytest.mark.parametrize("body", [[], "x", 1, None])
def test_a_body_that_is_no_object_is_refused(world: World, api: Program, body: Any) -> None:
    reference = declare(api).json()["reference"]
    for path in ("incidents", f"incidents/{reference}/notes", f"incidents/{reference}/severity"):
        answer = api.client.post(f"/api/v1/{path}/", json.dumps(body), content_type="application/json")
        assert answer.status_code == 400, path


@pytest.mark.parametrize("slash", ["", "/"])
def test_an_incident_walks_its_whole_life(world: World, api: Program, slash: str) -> None:
    reference = declare(api).json()["reference"]
    expected = {
        "acknowledge": "investigating",
        "identify": "identified",
        "mitigate": "monitoring",
        "resolve": "resolved",
        "close": "closed",
        "reopen": "investigating",
    }
    for verb, status in expected.items():
        answer = api.post(f"/incidents/{reference}/{verb}{slash}")
        assert (answer.status_code, answer.json()["status"]) == (200, status)
        assert api.get(f"/incidents/{reference}{slash}").json()["status"] == status


def test_an_incident_of_alerts_is_accepted_or_declined(world: World, api: Program) -> None:
    def triage() -> str:
        return actions.declare(
            title="CPU", severity=world.severity("SEV3"), service=None, actor=None, at=world.now,
            origin=Incident.Origin.ALERT,
        ).reference  # fmt: skip

    assert api.post(f"/incidents/{triage()}/accept").json()["status"] == "investigating"
    declined = api.post(f"/incidents/{triage()}/decline", {"reason": "a test"}).json()
    assert (declined["status"], declined["decline_reason"]) == ("declined", "a test")
    assert api.post(f"/incidents/{triage()}/decline", {"reason": "x" * 301}).status_code == 400


def test_a_verb_again_gives_peace_to_the_same_and_a_sentence_to_another(world: World, api: Program) -> None:
    reference = declare(api).json()["reference"]
    for _ in range(2):
        assert api.post(f"/incidents/{reference}/acknowledge").status_code == 200
    answer = world.program().post(f"/incidents/{reference}/acknowledge")
    assert answer.status_code == 409
    assert "Ben Ortiz acknowledged" in answer.json()["detail"]
    assert TimelineEvent.objects.filter(kind=Kind.ACKNOWLEDGED).count() == 1


def test_a_move_the_lifecycle_does_not_know_is_refused_with_what_it_knows(world: World, api: Program) -> None:
    reference = declare(api).json()["reference"]
    answer = api.post(f"/incidents/{reference}/close")
    assert answer.status_code == 409
    assert "“Resolve”" in answer.json()["detail"]
    assert api.post(f"/incidents/{reference}/explode").status_code == 404
    assert api.get(f"/incidents/{reference}/resolve").status_code == 405


def test_details_are_patched(world: World, api: Program) -> None:
    payments = world.service("Payments")
    reference = declare(api).json()["reference"]
    told = api.patch(
        f"/incidents/{reference}", {"title": "Cards fail", "summary": "All.", "service": payments.pk}
    ).json()
    assert (told["title"], told["summary"], told["service"]) == ("Cards fail", "All.", payments.pk)
    assert api.patch(f"/incidents/{reference}/", {"service": None}).json()["service"] is None
    assert api.patch(f"/incidents/{reference}/", {"private": True}).json()["private"] is True
    assert api.patch(f"/incidents/{reference}/", {"title": ""}).status_code == 400
    assert api.patch(f"/incidents/{reference}/", {"status": "resolved"}).json()["status"] == "investigating"


def test_the_severity_is_changed_by_any_of_its_names(world: World, api: Program) -> None:
    reference = declare(api).json()["reference"]
    assert api.post(f"/incidents/{reference}/severity", {"severity": "P1"}).status_code == 200
    assert api.post(f"/incidents/{reference}/severity/", {"severity": "sev3"}).json()["severity"] == "SEV3"
    assert api.post(f"/incidents/{reference}/severity", {"severity": "bad"}).status_code == 400
    assert api.post(f"/incidents/{reference}/severity", {}).status_code == 400


def test_roles_are_listed_taken_given_and_left(world: World, api: Program, ben: User) -> None:
    reference = declare(api).json()["reference"]
    taken = api.post(f"/incidents/{reference}/roles", {"role": "commander"})
    assert (taken.status_code, taken.json()["person"]["id"]) == (201, ben.pk)
    assert api.get(f"/incidents/{reference}").json()["commander"]["id"] == ben.pk
    api.post(f"/incidents/{reference}/roles/", {"role": "scribe", "person": world.admin.email})
    held = api.get(f"/incidents/{reference}/roles").json()["results"]
    assert {(one["role"], one["person"]["id"]) for one in held} == {("commander", ben.pk), ("scribe", world.admin.pk)}
    assert api.delete(f"/incidents/{reference}/roles?role=commander").status_code == 204
    assert api.delete(f"/incidents/{reference}/roles?role=commander").status_code == 409
    assert api.delete(f"/incidents/{reference}/roles?role=scribe&person={world.admin.pk}").status_code == 204
    assert api.post(f"/incidents/{reference}/roles", {"role": "king"}).status_code == 400
    assert api.post(f"/incidents/{reference}/roles", {"role": "scribe", "person": 999999}).status_code == 400
    assert api.delete(f"/incidents/{reference}/roles").status_code == 400


def test_notes_are_written_and_read(world: World, api: Program) -> None:
    reference = declare(api).json()["reference"]
    earlier = (world.now - timedelta(minutes=9)).isoformat()
    answer = api.post(f"/incidents/{reference}/notes", {"text": "DNS", "happened_at": earlier})
    assert (answer.status_code, answer.json()["text"], answer.json()["kind"]) == (201, "DNS", "note")
    assert answer.json()["happened_at"] != answer.json()["recorded_at"]
    assert [note["text"] for note in api.get(f"/incidents/{reference}/notes/").json()["results"]] == ["DNS"]
    for wrong in (
        {},
        {"text": " "},
        {"text": "x", "happened_at": "soon"},
        {"text": "x", "happened_at": "2031-01-01T00:00Z"},
    ):
        assert api.post(f"/incidents/{reference}/notes", wrong).status_code == 400


def test_updates_are_posted_and_read(world: World, api: Program) -> None:
    reference = declare(api).json()["reference"]
    soon = (world.now + timedelta(minutes=30)).isoformat()
    answer = api.post(
        f"/incidents/{reference}/updates", {"audience": "public", "text": "We know.", "next_update_at": soon}
    )
    assert answer.status_code == 201
    assert answer.json()["status"] == "investigating"
    assert len(api.get(f"/incidents/{reference}/updates").json()["results"]) == 1
    past = (world.now - timedelta(minutes=1)).isoformat()
    for wrong in (
        {"audience": "martians", "text": "x"},
        {"audience": "public", "text": ""},
        {"audience": "public", "text": "x", "next_update_at": past},
    ):
        assert api.post(f"/incidents/{reference}/updates", wrong).status_code == 400
    drill = declare(api, drill=True).json()["reference"]
    refused = api.post(f"/incidents/{drill}/updates", {"audience": "public", "text": "We know."})
    assert (refused.status_code, refused.json()["code"]) == (409, "drill")


def test_the_story_is_read_from_any_line_on(world: World, api: Program) -> None:
    reference = declare(api).json()["reference"]
    for number in range(4):
        api.post(f"/incidents/{reference}/notes", {"text": f"n{number}"})
    story = api.get(f"/incidents/{reference}/timeline").json()["results"]
    assert [line["seq"] for line in story] == [1, 2, 3, 4, 5]
    assert story[0]["words"] == "declared this as SEV2"
    after = api.get(f"/incidents/{reference}/timeline/", after=3).json()
    assert [line["text"] for line in after["results"]] == ["n2", "n3"]
    assert set(after) == {"next", "previous", "results"}
    first = api.get(f"/incidents/{reference}/timeline", page_size=2).json()
    assert len(first["results"]) == 2
    assert "cursor=" in first["next"]
    assert [
        line["kind"] for line in api.get(f"/incidents/{reference}/timeline", kind="declared").json()["results"]
    ] == ["declared"]
    for wrong in ({"after": "x"}, {"after": -1}, {"after": 10**20}, {"kind": "x"}):
        assert api.get(f"/incidents/{reference}/timeline", **wrong).status_code == 400


def test_who_was_paged_is_listed(world: World, api: Program) -> None:
    reference = declare(api).json()["reference"]
    for slash in ("", "/"):
        assert set(api.get(f"/incidents/{reference}/pages{slash}").json()) == {"next", "previous", "results"}


def test_the_list_is_filtered(world: World, api: Program, ben: User) -> None:
    payments = world.service("Payments")
    red = declare(api, title="red", severity="SEV1", service=payments.pk).json()["reference"]
    blue = declare(api, title="blue", drill=True, summary="the gateway").json()["reference"]
    green = declare(api, title="green").json()["reference"]
    api.post(f"/incidents/{green}/resolve")

    def listed(**query: Any) -> list[str]:
        return [one["reference"] for one in api.get("/incidents/", **query).json()["results"]]

    assert listed() == [green, blue, red]
    assert listed(open="true") == [blue, red]
    assert listed(open="false") == [green]
    assert listed(status="resolved") == [green]
    assert listed(severity="sev1") == [red]
    assert listed(service="payments") == listed(service=payments.pk) == [red]
    assert listed(drill="true") == [blue]
    assert listed(q="gatew") == [blue]
    assert listed(q=red) == [red]
    for wrong in ({"status": "x"}, {"severity": "x"}, {"service": "x"}, {"open": "perhaps"}):
        assert api.get("/incidents/", **wrong).status_code == 400


def test_a_list_takes_a_fixed_number_of_queries(world: World, api: Program, ben: User) -> None:
    for number in range(20):
        reference = declare(api, title=f"n{number}").json()["reference"]
        api.post(f"/incidents/{reference}/roles", {"role": "commander"})
    with CaptureQueriesContext(connection) as few:
        assert len(api.get("/incidents/").json()["results"]) == 20
    assert len(few) <= 6


def test_a_program_may_only_do_what_its_person_and_token_may(world: World, api: Program, ben: User) -> None:
    reference = declare(api).json()["reference"]
    viewer = world.program(world.person("Vera View", role="viewer"))
    reader = world.program(ben, scope="read")
    for program in (viewer, reader):
        assert program.get(f"/incidents/{reference}").status_code == 200
        for path in ("", f"{reference}/resolve", f"{reference}/notes", f"{reference}/roles", f"{reference}/severity"):
            assert program.post(f"/incidents/{path}").status_code == 403
        assert program.patch(f"/incidents/{reference}", {"title": "x"}).status_code == 403
    assert Client().get("/api/v1/incidents/").status_code == 401


def test_a_program_asks_for_the_next_people_now(world: World, api: Program) -> None:
    reference = declare(api).json()["reference"]
    assert api.post(f"/incidents/{reference}/escalate").status_code == 200
    assert TimelineEvent.objects.filter(kind=Kind.ESCALATED).exists()


def test_admissions_belong_to_private_incidents(world: World, api: Program, ben: User) -> None:
    open_one = declare(api).json()["reference"]
    private = declare(api, private=True).json()["reference"]
    carol = world.person("Carol Case")
    assert api.get(f"/incidents/{open_one}/admissions").status_code == 404
    assert api.post(f"/incidents/{private}/admissions", {"person": carol.email}).status_code == 201
    names = {one["name"] for one in api.get(f"/incidents/{private}/admissions").json()["results"]}
    assert names == {"Ben Ortiz", "Carol Case"}
    assert world.program(carol).get(f"/incidents/{private}").status_code == 200


@pytest.mark.parametrize("reference", ["INC-999999", "INC-0", "x", "INC-", "1", "INC-99999999999999"])
def test_what_is_not_there_is_not_found(world: World, api: Program, reference: str) -> None:
    for path in ("", "/timeline", "/notes", "/updates", "/roles", "/pages"):
        assert api.get(f"/incidents/{reference}{path}").status_code == 404
    assert api.post(f"/incidents/{reference}/resolve").status_code == 404
