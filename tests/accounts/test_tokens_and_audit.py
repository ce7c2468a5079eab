"""Tokens of programs, and the audit log."""

import html
import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError

from accounts.models import ApiToken, AuditEntry, User
from tests.world import Program, World


def make(world: World, person: User, **given: str) -> str:
    """The token's text as its page shows it, once."""
    body = {"name": "Deploys", "scope": "full", "lifetime": "30", **given}
    page = world.browser(person).post("/settings/tokens/", body)
    assert page.status_code == 200
    found = re.search(r"muster_[a-z2-7]{32}", html.unescape(page.content.decode()))
    assert found
    return found[0]


def test_a_token_is_shown_once_and_opens_the_api(world: World) -> None:
    ben = world.person("Ben Blue")
    text = make(world, ben)
    assert text not in world.browser(ben).get("/settings/tokens/").content.decode()
    assert Program(text).get("/me").json()["email"] == ben.email
    assert text not in repr(list(ApiToken.objects.values()))


def test_the_last_use_of_a_token_is_seen(world: World) -> None:
    ben = world.person("Ben Blue")
    text = make(world, ben)
    assert "never" in world.browser(ben).get("/settings/tokens/").content.decode()
    Program(text).get("/me")
    assert ApiToken.objects.get(person=ben).last_used_at == world.now


def test_a_token_ends_by_itself(world: World) -> None:
    text = make(world, world.person("Ben Blue"))
    world.traveller.shift(30 * 24 * 3600)
    assert Program(text).get("/me").status_code == 401


def test_a_revoked_token_opens_nothing(world: World) -> None:
    ben = world.person("Ben Blue")
    text = make(world, ben, lifetime="never")
    token = ApiToken.objects.get(person=ben)
    assert world.browser(world.person("Cy Other")).post(f"/settings/tokens/{token.pk}/revoke/").status_code == 404
    assert Program(text).get("/me").status_code == 200
    world.browser(ben).post(f"/settings/tokens/{token.pk}/revoke/")
    assert Program(text).get("/me").status_code == 401
    assert "Revoked" in world.browser(ben).get("/settings/tokens/").content.decode()


def test_a_reading_token_changes_nothing(world: World) -> None:
    program = Program(make(world, world.admin, scope="read"))
    assert program.get("/teams/").status_code == 200
    refused = program.post("/teams/", {"name": "Payments"})
    assert refused.status_code == 403
    assert refused.json()["detail"] == "This token may only read."


def test_a_wrong_token_form_is_told_at_the_field(world: World) -> None:
    answer = world.browser(world.admin).post("/settings/tokens/", {"name": "", "scope": "all", "lifetime": "1"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "scope", "lifetime"}
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Bearer nonsense", "Basic YTpi", "Bearer \u00e9"])
def test_a_wrong_header_is_answered_with_a_sentence(world: World, client, header: str) -> None:
    answer = client.get("/api/v1/me", headers={"authorization": header})
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["detail"]


def test_the_machine_itself_makes_a_token(world: World, capsys) -> None:
    call_command("api_token", "ADA.admin@example.com")
    text = capsys.readouterr().out
    assert re.fullmatch(r"muster_[a-z2-7]{32}\n", text)
    assert Program(text.strip()).get("/me").status_code == 200
    with pytest.raises(CommandError, match="Nobody with an active account"):
        call_command("api_token", "nobody@example.com")


def test_every_change_of_access_stands_in_the_audit_log(world: World) -> None:
    browser = world.browser(world.admin)
    browser.post("/settings/teams/new/", {"name": "Payments"}, REMOTE_ADDR="203.0.113.7")
    make(world, world.admin)
    page = browser.get("/settings/audit/").content.decode()
    for word in ("add team", "Payments", "203.0.113.7", "create API token", "Ada Admin"):
        assert word in page


def test_the_audit_log_is_searched_by_word_person_and_day(world: World) -> None:
    ben = world.person("Ben Blue", role="manager")
    world.browser(ben).post("/settings/teams/new/", {"name": "Payments"})
    world.traveller.shift(3 * 24 * 3600)
    browser = world.browser(world.admin)
    browser.post("/settings/teams/new/", {"name": "Platform"})

    def found(**query: object) -> list[str]:
        page = browser.get("/settings/audit/", query)
        assert page.status_code == 200
        return [entry.subject for entry, _verb, _changes in page.context["entries"]]

    assert found() == ["Platform", "Payments"]
    assert found(q="team pay") == ["Payments"]
    assert found(actor=ben.pk) == ["Payments"]
    assert found(since="2026-01-08") == ["Platform"]
    assert found(until="2026-01-05") == ["Payments"]
    assert found(q="nothing like it") == []


def test_a_wrong_filter_of_the_audit_log_is_told_at_the_field(world: World) -> None:
    answer = world.browser(world.admin).get("/settings/audit/", {"since": "yesterday", "actor": "x"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"since", "actor"}
    assert "yesterday" in answer.content.decode()


def test_the_audit_log_goes_on_for_pages(world: World) -> None:
    from accounts import audit

    for number in range(60):
        audit.record(world.admin, "change", f"thing {number:02}", before={}, after={"n": number}, at=world.now)
    browser = world.browser(world.admin)
    first = browser.get("/settings/audit/")
    assert len(first.context["entries"]) == 50
    second = browser.get("/settings/audit/", {"before": first.context["older"]})
    assert next(entry.subject for entry, _verb, _changes in second.context["entries"]) == "thing 09"
    assert browser.get("/settings/audit/", {"before": "x" * 30}).status_code == 200


def test_only_administrators_read_the_audit_log(world: World) -> None:
    assert world.browser(world.person("Ben Blue", role="manager")).get("/settings/audit/").status_code == 403


def test_nothing_in_the_audit_log_can_be_altered(world: World) -> None:
    world.browser(world.admin).post("/settings/teams/new/", {"name": "Payments"})
    row = AuditEntry.objects.get()
    for change in (f"UPDATE accounts_auditentry SET verb = 'x' WHERE id = {row.pk}", "DELETE FROM accounts_auditentry"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    row.refresh_from_db()
    assert row.verb == "add team"
