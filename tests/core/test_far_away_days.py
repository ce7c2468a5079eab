"""A day in which nothing can be reckoned is declined with a sentence, wherever people or programs may name one."""

import pytest
from django.test import Client

from incidents.actions import declare
from tests.world import World

FAR = ["0001-01-01", "9999-12-31"]


@pytest.fixture
def far_east(world: World) -> Client:
    world.admin.time_zone = "Pacific/Kiritimati"
    world.admin.save()
    return world.browser(world.admin)


@pytest.mark.parametrize("day", FAR)
def test_the_audit_log_declines_it(far_east: Client, day: str) -> None:
    for name in ("since", "until"):
        answer = far_east.get("/settings/audit/", {name: day})
        assert answer.status_code == 422
        assert "Give a day between 1990 and 2150." in answer.content.decode()


@pytest.mark.parametrize("day", FAR)
def test_the_story_of_an_incident_declines_it(world: World, far_east: Client, day: str) -> None:
    incident = declare(title="A", severity=world.severity("SEV3"), service=None, actor=world.admin, at=world.now)
    program, moment = world.program(), f"{day}T12:00:00Z"
    address = f"/incidents/{incident.reference}"
    for path, body in (
        ("/notes/", {"text": "a", "happened_at": moment}),
        ("/updates/", {"text": "a", "audience": "internal", "next_update_at": moment}),
    ):
        answer = program.post(address + path, body)
        assert answer.status_code == 400, (path, answer.content)
        assert answer["Content-Type"] == "application/problem+json"
    answer = far_east.post(f"/incidents/{incident.reference}/form/times/", {"impact_started_at": f"{day}T12:00"})
    assert answer.status_code == 422
    assert "1990" in answer.content.decode()
    assert far_east.get(f"/incidents/{incident.reference}/").status_code == 200
