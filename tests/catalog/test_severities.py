"""Severities: policy rows that everybody reads and administrators change."""

from typing import Any

import pytest

from accounts.models import AuditEntry
from catalog import queries
from catalog.models import Severity
from tests.world import World


@pytest.mark.parametrize(
    ("word", "code"),
    [
        *(("SEV1", "SEV1"), ("sev1", "SEV1"), ("Sev-2", "SEV2"), ("sev 3", "SEV3"), ("SEV_4", "SEV4")),
        *(("P0", "SEV1"), ("p1", "SEV1"), ("P2", "SEV2"), ("P3", "SEV3"), ("p-4", "SEV4")),
        *(("critical", "SEV1"), ("Major", "SEV2"), ("moderate", "SEV3"), ("minor", "SEV4")),
        *(("SEV5", None), ("P5", None), ("", None), ("  ", None), ("9" * 40, None), ("²", None)),
    ],
)
def test_a_severity_is_known_by_code_alias_and_name(world: World, word: str, code: str | None) -> None:
    found = queries.severity_named(word)
    assert (found.code if found else None) == code


def test_a_severity_is_known_by_its_id(world: World) -> None:
    row = world.severity("SEV3")
    assert queries.severity_named(row.pk) == queries.severity_named(str(row.pk)) == row


def test_everybody_reads_what_each_severity_promises(world: World) -> None:
    page = world.browser(world.person("Vic Viewer", role="viewer")).get("/services/severities/").content.decode()
    for words in ("SEV1", "Critical", "15 min", "Communications lead", "P0, P1"):
        assert words in page
    assert "Edit SEV1" not in page


FORM: dict[str, Any] = {
    "name": "Critical",
    "description": "All is lost.",
    "aliases": "P0, emergency",
    "urgency": "high",
    "acknowledge_minutes": "3",
    "required_roles": ["commander", "scribe"],
    "commander_minutes": "",
    "internal_update_minutes": "10",
    "public_update_minutes": "",
    "restore_minutes": "20",
    "lose_at_most_minutes": "5",
    "postmortem_required": "on",
    "meeting_hours": "24",
    "publish_hours": "48",
    "due_days_immediate": "3",
    "due_days_short": "30",
    "due_days_long": "90",
}


def test_an_administrator_changes_what_a_severity_promises(world: World) -> None:
    browser = world.browser(world.admin)
    assert browser.get("/services/severities/SEV1/").status_code == 200
    assert browser.post("/services/severities/SEV1/", FORM).status_code == 302
    row = world.severity("SEV1")
    assert (row.acknowledge_minutes, row.commander_minutes, row.required_roles) == (3, None, ["commander", "scribe"])
    assert row.aliases == ["P0", "emergency"]
    assert queries.severity_named("Emergency") == row
    assert queries.severity_named("P1") is None
    line = AuditEntry.objects.get(verb="change severity")
    assert line.before["acknowledge_minutes"] == 5
    assert line.after["acknowledge_minutes"] == 3


def test_a_wrong_promise_is_told_at_its_field_and_nothing_typed_is_lost(world: World) -> None:
    wrong = {
        **FORM,
        "name": "",
        "acknowledge_minutes": "0",
        "restore_minutes": "-5",
        "meeting_hours": "soon",
        "publish_hours": "99999",
        "required_roles": ["king"],
        "urgency": "extreme",
        "due_days_long": "",
        "aliases": "x" * 30,
    }
    answer = world.browser(world.admin).post("/services/severities/SEV1/", wrong)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {
        *("name", "acknowledge_minutes", "restore_minutes", "meeting_hours", "publish_hours"),
        *("required_roles", "urgency", "due_days_long", "aliases"),
    }
    assert "All is lost." in answer.content.decode()
    assert world.severity("SEV1").name == "Critical"


def test_a_word_means_one_severity(world: World) -> None:
    answer = world.browser(world.admin).post("/services/severities/SEV1/", {**FORM, "aliases": "P0, p-2"})
    assert answer.status_code == 422
    assert "already means SEV2" in answer.context["form"].errors["aliases"][0]
    refused = world.program().patch("/severities/sev1/", {"aliases": ["major"]})
    assert refused.json()["code"] == "word_taken"


def test_only_administrators_change_severities(world: World) -> None:
    manager = world.person("Ben Blue", role="manager")
    assert world.browser(manager).post("/services/severities/SEV1/", FORM).status_code == 403
    assert world.program(manager).patch("/severities/SEV1/", {"name": "X"}).status_code == 403
    assert world.browser(world.admin).get("/services/severities/SEV9/").status_code == 404


def test_a_program_reads_and_changes_severities(world: World) -> None:
    program = world.program()
    rows = program.get("/severities/").json()["results"]
    assert {row["code"] for row in rows} == {"SEV1", "SEV2", "SEV3", "SEV4"}
    one = program.get("/severities/SEV1").json()
    assert one["acknowledge_minutes"] == 5
    changed = program.patch(f"/severities/{one['id']}/", {"acknowledge_minutes": 2, "code": "SEV9", "rank": 9})
    assert (changed.json()["acknowledge_minutes"], changed.json()["code"]) == (2, "SEV1")
    assert program.get("/severities/P9").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"acknowledge_minutes": -1}, "acknowledge_minutes"),
        ({"acknowledge_minutes": 0}, "acknowledge_minutes"),
        ({"acknowledge_minutes": 10**12}, "acknowledge_minutes"),
        ({"due_days_short": 40_000}, "due_days_short"),
        ({"urgency": "extreme"}, "urgency"),
        ({"aliases": "P1"}, "aliases"),
        ({"aliases": ["x" * 21]}, "aliases"),
        ({"required_roles": [{}]}, "required_roles"),
        ({"name": ""}, "name"),
    ],
)
def test_a_wrong_value_is_answered_with_a_sentence_at_the_field(world: World, body: object, field: str) -> None:
    answer = world.program().patch("/severities/SEV1/", body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert Severity.objects.get(code="SEV1").acknowledge_minutes == 5
