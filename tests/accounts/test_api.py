"""Teams, people and oneself through the API."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, Team, User
from tests.world import World


def test_a_program_knows_who_it_is_and_changes_how_it_sees(world: World) -> None:
    program = world.program(world.person("Ben Blue"))
    assert program.get("/me").json()["role"] == "responder"
    assert program.get("/me/").status_code == 200
    changed = program.patch("/me", {"time_zone": "Europe/Berlin", "role": "administrator", "email": "x@example.com"})
    assert changed.status_code == 200
    assert changed.json()["time_zone"] == "Europe/Berlin"
    assert changed.json()["role"] == "responder"
    assert changed.json()["email"] == "ben.blue@example.com"
    assert program.patch("/me", {"time_zone": "Mars"}).status_code == 400


def test_a_program_keeps_teams(world: World) -> None:
    ben, mei = world.person("Ben Blue"), world.person("Mei Chen")
    program = world.program()
    made = program.post("/teams/", {"name": "支付", "members": [ben.pk], "leads": ["mei.chen@example.com"]})
    assert made.status_code == 201
    body = made.json()
    assert body["slug"] == "team"
    assert sorted(body["members"]) == sorted([ben.pk, mei.pk])
    assert body["leads"] == [mei.pk]
    changed = program.patch(f"/teams/{body['id']}", {"members": [ben.pk]})
    assert changed.json()["members"] == [ben.pk]
    assert changed.json()["leads"] == []
    assert program.get("/teams/team/").json()["id"] == body["id"]
    assert [row["id"] for row in program.get("/teams/", member=ben.pk).json()["results"]] == [body["id"]]
    assert program.get("/teams/", q="nothing").json() == {"next": None, "previous": None, "results": []}
    assert program.delete(f"/teams/{body['id']}/").status_code == 204
    assert program.get(f"/teams/{body['id']}/").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": {"a": 1}}, "name"),
        ({"name": "A", "slug": "911"}, "slug"),
        ({"name": "A", "slug": "new"}, "slug"),
        ({"name": "A", "slug": "a b"}, "slug"),
        ({"name": "A", "members": [999_999]}, "members"),
        ({"name": "A", "members": "ben"}, "members"),
        ({"name": "A", "members": [True]}, "members"),
        ({"name": "A", "leads": [{}]}, "leads"),
        ({"name": "A", "leads": [10**30]}, None),
    ],
)
def test_a_wrong_team_is_answered_with_a_sentence_at_the_field(world: World, body: Any, field: str | None) -> None:
    answer = world.program().post("/teams/", body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]
    if field:
        assert field in answer.json()["errors"]
    assert not Team.objects.exists()


def test_a_taken_name_is_refused(world: World) -> None:
    world.team("Payments")
    answer = world.program().post("/teams/", {"name": "payments"})
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")


@pytest.mark.parametrize("path", ["/teams/", "/users/"])
@pytest.mark.parametrize(
    "query",
    [{"member": "x"}, {"team": "x"}, {"role": "king"}, {"active": "maybe"}, {"cursor": "x"}, {"page_size": "x"}],
)
def test_a_wrong_query_is_no_fault(world: World, path: str, query: dict[str, str]) -> None:
    answer = world.program().get(path, **query)
    assert answer.status_code in {200, 400}
    known = {"/teams/": {"member"}, "/users/": {"team", "role", "active"}}[path]
    assert answer.status_code == 400 or not (known | {"cursor", "page_size"}) & query.keys()


def test_a_nul_in_an_address_is_turned_away(world: World) -> None:
    for path in ("/api/v1/teams/?q=a%00b", "/api/v1/teams/a%00b/", "/settings/people/?q=%00", "/services/a%00/"):
        assert world.browser(world.admin).get(path).status_code in {400, 404}


def test_an_administrator_adds_people(world: World) -> None:
    program = world.program()
    body = {"email": "Eve@Example.com", "name": "Eve Adams", "role": "viewer", "time_zone": "Asia/Shanghai"}
    made = program.post("/users/", {**body, "password": "entirely different words"})
    assert made.status_code == 201, made.content
    assert made.json()["email"] == "eve@example.com"
    assert "password" not in made.json()
    assert AuditEntry.objects.filter(verb="add person", subject="eve@example.com", actor=world.admin).exists()
    signed = Client().post("/accounts/login/", {"login": "eve@example.com", "password": "entirely different words"})
    assert signed.status_code == 302
    number = made.json()["id"]
    assert program.patch(f"/users/{number}/", {"role": "manager"}).json()["role"] == "manager"
    assert program.post(f"/users/{number}/deactivate").json()["is_active"] is False
    assert program.get("/users/", active="false").json()["results"][0]["id"] == number
    assert program.post(f"/users/{number}/reactivate/").json()["is_active"] is True


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "Eve"}, "email"),
        ({"email": "eve", "name": "Eve"}, "email"),
        ({"email": "eve@example.com"}, "name"),
        ({"email": "eve@example.com", "name": "Eve", "role": "king"}, "role"),
        ({"email": "eve@example.com", "name": "Eve", "time_zone": "Mars"}, "time_zone"),
        ({"email": "eve@example.com", "name": "Eve", "language": "tlh"}, "language"),
        ({"email": "eve@example.com", "name": "Eve", "password": "short"}, "password"),
        ({"email": "eve@example.com", "name": "Eve", "password": 7}, "password"),
    ],
)
def test_a_wrong_person_is_answered_with_a_sentence_at_the_field(world: World, body: Any, field: str) -> None:
    answer = world.program().post("/users/", body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert User.objects.count() == 1


def test_the_last_administrator_stays_through_the_api_too(world: World) -> None:
    program = world.program()
    assert program.patch(f"/users/{world.admin.pk}/", {"role": "viewer"}).json()["code"] == "last_administrator"
    assert program.post(f"/users/{world.admin.pk}/deactivate").status_code == 409
    assert program.patch(f"/users/{world.admin.pk}/", {"password": "entirely different words"}).status_code == 400


def test_only_administrators_change_people_and_only_managers_teams(world: World) -> None:
    program = world.program(world.person("Ben Blue"))
    for path in ("/users/", "/teams/"):
        assert program.get(path).status_code == 200
        refused = program.post(path, {"name": "X", "email": "x@example.com"})
        assert refused.status_code == 403
        assert refused.json()["detail"]


def test_addresses_answer_with_and_without_the_slash_and_never_redirect(world: World) -> None:
    program = world.program()
    assert program.post("/teams", {"name": "A"}).status_code == 201
    assert program.post("/teams/", {"name": "B"}).status_code == 201


def test_an_unknown_address_is_a_problem_and_no_page(world: World) -> None:
    answer = world.program().get("/nonsense/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "raw", [b"{", b"NaN", b"[" * 5000, b'{"name": "\\u0000"}', b'{"name": "\\ud800"}', b"\xff", b"[]", b"7"]
)
def test_a_body_that_is_no_json_object_is_answered_400(world: World, raw: bytes) -> None:
    answer = world.program().client.post("/api/v1/teams/", raw, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["detail"]


def test_a_body_of_another_kind_is_answered_415(world: World) -> None:
    answer = world.program().client.post("/api/v1/teams/", "name=x", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 415
