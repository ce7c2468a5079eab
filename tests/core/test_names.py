"""A name or a title that nobody can see is refused with a sentence, wherever it is typed."""

from typing import Any

import pytest

from core.letters import has_visible
from incidents import actions
from incidents.models import Incident
from tests.alerts.machines import Machine, alert, group
from tests.world import World

UNSEEN = "\u200b\u202e \u2060"
SENTENCE = "Nothing of this can be seen."


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b", "\u202e\u2066", "\ufeff", "\u0301", "\u3164", "\u2800", "\x00", "\u00ad"]
)
def test_what_draws_nothing_cannot_be_seen(text: str) -> None:
    assert not has_visible(text)


@pytest.mark.parametrize("text", ["a", "7", "支付", "!", "🔥", "\u200bДа", "é", "שלום", "👩\u200d🚒"])
def test_what_draws_something_can_be_seen(text: str) -> None:
    assert has_visible(text)


def calls(world: World) -> dict[str, dict[str, Any]]:
    payments = world.service("Payments")
    return {
        "/incidents/": {"title": UNSEEN, "severity": "SEV2"},
        "/teams/": {"name": UNSEEN},
        "/users/": {"email": "new@example.com", "name": UNSEEN},
        "/services/": {"name": UNSEEN},
        "/schedules/": {"name": UNSEEN, "time_zone": "UTC"},
        "/escalation-policies/": {"name": UNSEEN, "steps": []},
        "/alert-sources/": {"name": UNSEEN, "kind": "alertmanager", "service": payments.pk},
        "/status-pages/": {"name": UNSEEN},
        "/components/": {"name": UNSEEN},
        "/action-items/": {"title": UNSEEN, "owner": world.admin.pk},
        "/objectives/": {"service": payments.pk, "name": UNSEEN, "percent": "99.9", "window_days": 30},
    }


def test_no_program_names_anything_so(world: World) -> None:
    program = world.program()
    for address, body in calls(world).items():
        answer = program.post(address, body)
        assert answer.status_code == 400, (address, answer.content)
        said = answer.content.decode()
        assert SENTENCE in said or "may not be blank" in said, (address, said)


def test_no_page_names_anything_so(world: World) -> None:
    browser = world.browser(world.admin)
    typed = {
        "name": UNSEEN,
        "email": "new@example.com",
        "time_zone": "UTC",
        "language": "en",
        "tier": "2",
        "theme": "auto",
    }
    addresses = [
        "/settings/teams/new/",
        "/services/new/",
        "/oncall/schedules/new/",
        "/oncall/policies/new/",
        "/status-pages/new/",
    ]
    addresses += ["/settings/profile/", "/settings/tokens/", "/reliability/new/"]
    for address in addresses:
        answer = browser.post(address, typed)
        assert answer.status_code == 422, (address, answer.status_code)
        assert SENTENCE in answer.content.decode(), address
    severity = world.severity("SEV2").pk
    answer = browser.post("/incidents/declare/", {"title": UNSEEN, "severity": severity})
    assert (answer.status_code, SENTENCE in answer.content.decode()) == (422, True)
    assert not Incident.objects.exists()


def test_nothing_is_renamed_so(world: World) -> None:
    fire = actions.declare(title="Fire", severity=world.severity("SEV2"), service=None, actor=None, at=world.now)
    program, payments = world.program(), world.service("Payments")
    assert program.patch(f"/incidents/{fire.reference}", {"title": UNSEEN}).status_code == 400
    assert program.patch(f"/services/{payments.pk}", {"name": UNSEEN}).status_code == 400
    assert program.patch("/me", {"name": UNSEEN}).status_code == 400
    assert program.patch("/severities/SEV2", {"name": UNSEEN}).status_code == 400
    typed = {"title": UNSEEN, "severity": fire.severity_id, "service": "", "summary": ""}
    assert world.browser(world.admin).post(f"/incidents/{fire.reference}/form/details/", typed).status_code == 422
    fire.refresh_from_db()
    assert fire.title == "Fire"


def test_an_alert_whose_words_cannot_be_seen_is_called_by_its_name(world: World) -> None:
    machine = Machine(world)
    said = {**alert("DiskFull", starts=world.now), "annotations": {"summary": UNSEEN}}
    assert machine.say(group(said)).state == "done"
    assert [incident.title for incident in machine.incidents()] == ["DiskFull"]


def test_an_alert_that_names_nothing_that_can_be_seen_still_calls(world: World) -> None:
    machine = Machine(world)
    said = {**alert(UNSEEN, starts=world.now), "annotations": {}}
    assert machine.say(group(said)).state == "done"
    (incident,) = machine.incidents()
    assert has_visible(incident.title)
